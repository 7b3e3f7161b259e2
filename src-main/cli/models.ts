/** `studio models …`: bring a model in, send one out, rename it, delete it. */
import { basename, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { exportFormats, type Checkpoint, type ExportFormat } from '../../src-shared/records/checkpoint'
import type { Api } from '../../src-shared/wire'
import { byNameOrId } from './look-up'
import { exits, valueOf, type Exit, type Terminal } from './terminal'
import { bar, count, megabytes } from './text'

interface Around {
  readonly terminal: Terminal
  /** Work that writes the registry, with a signal that Ctrl C aborts. */
  readonly writing: (work: (api: Api, signal: AbortSignal) => Promise<Exit>) => Promise<void>
}

export function addModelCommands(program: Command, { terminal, writing }: Around): void {
  const models = program
    .command('models')
    .description('Bring models in and send them out; `studio checkpoints` lists them.')
  models
    .command('import')
    .description('Bring in a model, whole or not at all.')
    .argument(
      '<path>',
      'A folder of Hugging Face, PEFT or RWKV, a GGUF file of a Llama, or a checkpoint of this studio.',
    )
    .option('--name <name>', 'Name of the checkpoint; else what the model calls itself.')
    .option(
      '--base <checkpoint>',
      'Checkpoint that an adapter stands on, by name or id: of PEFT’s any language model it fits, of ' +
        'this studio’s the very one it was trained on.',
    )
    .action((path: string, { name, base }: { readonly name?: string; readonly base?: string }) =>
      writing(async (api, signal) => {
        const onBase = base === undefined ? {} : { baseId: (await checkpointNamed(api, base)).id }
        return importModelCommand(
          api,
          terminal,
          { path: resolve(path), ...(name !== undefined && { name }), ...onBase },
          signal,
        )
      }),
    )
  models
    .command('export')
    .description('Write a model into a new folder for other programs.')
    .argument('<checkpoint>', 'Name or id.')
    .requiredOption('--to <folder>', 'Folder in which the new one is made.')
    .addOption(
      new Option(
        '--format <format>',
        'hugging-face is for transformers, onnx for transformers.js, peft an adapter alone.',
      )
        .choices(exportFormats)
        .default('hugging-face'),
    )
    .action((asked: string, { to, format }: { readonly to: string; readonly format: ExportFormat }) =>
      writing(async (api) => {
        const { id } = await checkpointNamed(api, asked)
        const exported = valueOf(
          await api.call('checkpoints.export', { checkpointId: id, format, folder: resolve(to) }),
        )
        terminal.result(
          exported,
          ({ folder, files, bytes }) => `${folder}: ${files.join(', ')}, ${megabytes(bytes)}`,
        )
        return exits.done
      }),
    )
  models
    .command('rename')
    .description('Give a checkpoint another name.')
    .argument('<checkpoint>', 'Name or id.')
    .argument('<name>')
    .action((asked: string, name: string) =>
      writing(async (api) => {
        const { id } = await checkpointNamed(api, asked)
        terminal.result(
          valueOf(await api.call('checkpoints.rename', { checkpointId: id, name })),
          (renamed) => `${renamed.id} is “${renamed.name}” now.`,
        )
        return exits.done
      }),
    )
  models
    .command('remove')
    .description('Delete a checkpoint that no run and no label queue needs.')
    .argument('<checkpoint>', 'Name or id.')
    .action((asked: string) =>
      writing(async (api) => {
        const checkpoint = await checkpointNamed(api, asked)
        valueOf(await api.call('checkpoints.remove', { checkpointId: checkpoint.id }))
        terminal.result(checkpoint, ({ name }) => `“${name}” is deleted.`)
        return exits.done
      }),
    )
}

async function importModelCommand(
  api: Api,
  terminal: Terminal,
  wish: { readonly path: string; readonly name?: string; readonly baseId?: string },
  signal: AbortSignal,
): Promise<Exit> {
  for await (const { share, done } of api.stream('checkpoints.import', wish, signal)) {
    if (!done) {
      terminal.progress(`${bar(share)} ${basename(wish.path)}`)
      continue
    }
    terminal.result(
      done,
      ({ id, name, architecture, parameters, contextTokens, licence, base }) =>
        `imported “${name}” (${id}): ${base ? `an adapter on “${base.name}”, ` : ''}${architecture}, ` +
        `${count(parameters)} parameters, reads ${count(contextTokens)} ` +
        `tokens${licence ? `, ${licence}` : ''}`,
    )
    return exits.done
  }
  return exits.interrupted
}

async function checkpointNamed(api: Api, asked: string): Promise<Checkpoint> {
  return byNameOrId(valueOf(await api.call('checkpoints.list', {})), asked, 'CHECKPOINT')
}
