/** What `studio models …` does: a model comes in, goes out, is renamed, is deleted. */
import { basename } from 'node:path'
import type {
  Checkpoint,
  ExportFormat,
  ExportNumbers,
  ModelImportProgress,
} from '../../src-shared/records/checkpoint'
import type { Api } from '../../src-shared/wire'
import { byNameOrId } from './look-up'
import { exits, valueOf, type Exit, type Terminal } from './terminal'
import { bar, count, megabytes } from './text'

export interface ImportModelOptions {
  readonly name?: string
  /** Name or id of the checkpoint that an adapter stands on. */
  readonly base?: string
}

interface Work {
  readonly api: Api
  readonly terminal: Terminal
}

export async function importModelCommand(
  path: string,
  { name, base }: ImportModelOptions,
  { api, terminal, signal }: Work & { readonly signal: AbortSignal },
): Promise<Exit> {
  const wish = {
    path,
    ...(name !== undefined && { name }),
    ...(base !== undefined && { baseId: (await checkpointNamed(api, base)).id }),
  }
  return imported(path, api.stream('checkpoints.import', wish, signal), terminal)
}

/** @param address hf:OWNER/NAME, with a revision or a file where one is meant */
export async function getModelCommand(
  address: string,
  { name, base }: ImportModelOptions,
  { api, terminal, signal }: Work & { readonly signal: AbortSignal },
): Promise<Exit> {
  const wish = {
    address,
    ...(name !== undefined && { name }),
    ...(base !== undefined && { baseId: (await checkpointNamed(api, base)).id }),
  }
  return imported(address, api.stream('checkpoints.fetch', wish, signal), terminal)
}

async function imported(
  from: string,
  progress: AsyncIterable<ModelImportProgress>,
  terminal: Terminal,
): Promise<Exit> {
  for await (const { share, download, done } of progress) {
    if (!done) {
      const ofAll = download && `${megabytes(download.bytes)} of ${megabytes(download.bytesTotal)}`
      terminal.progress([bar(share), basename(download?.file ?? from), ofAll ?? ''].join(' ').trimEnd())
      continue
    }
    terminal.result(done, importedText)
    return exits.done
  }
  return exits.interrupted
}

function importedText(imported: Checkpoint): string {
  const { id, name, architecture, parameters, contextTokens, licence, base } = imported
  return (
    `imported “${name}” (${id}): ${base ? `an adapter on “${base.name}”, ` : ''}${architecture}, ` +
    `${count(parameters)} parameters, reads ${count(contextTokens)} tokens${licence ? `, ${licence}` : ''}`
  )
}

export async function exportModelCommand(
  asked: string,
  wish: {
    readonly folder: string
    readonly format: ExportFormat
    readonly numbers?: ExportNumbers | undefined
  },
  { api, terminal }: Work,
): Promise<Exit> {
  const { id } = await checkpointNamed(api, asked)
  const exported = valueOf(await api.call('checkpoints.export', { checkpointId: id, ...wish }))
  terminal.result(
    exported,
    ({ folder, files, bytes }) => `${folder}: ${files.join(', ')}, ${megabytes(bytes)}`,
  )
  return exits.done
}

export async function renameModelCommand(
  asked: string,
  name: string,
  { api, terminal }: Work,
): Promise<Exit> {
  const { id } = await checkpointNamed(api, asked)
  const renamed = valueOf(await api.call('checkpoints.rename', { checkpointId: id, name }))
  terminal.result(renamed, (each) => `${each.id} is “${each.name}” now.`)
  return exits.done
}

export async function removeModelCommand(asked: string, { api, terminal }: Work): Promise<Exit> {
  const checkpoint = await checkpointNamed(api, asked)
  valueOf(await api.call('checkpoints.remove', { checkpointId: checkpoint.id }))
  terminal.result(checkpoint, ({ name }) => `“${name}” is deleted.`)
  return exits.done
}

async function checkpointNamed(api: Api, asked: string): Promise<Checkpoint> {
  return byNameOrId(valueOf(await api.call('checkpoints.list', {})), asked, 'CHECKPOINT')
}
