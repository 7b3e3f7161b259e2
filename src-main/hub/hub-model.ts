/** A model on the hub: what it holds, whether it is read and fits here, and its files for an import. */
import { join } from 'node:path'
import type { HubModel } from '../../src-shared/records/hub'
import { machineMemory } from '../compute/machine-memory'
import { modelAddress, type ModelAddress } from './address'
import type { HubAccess } from './access'
import { fetching, type Fetching } from './downloads'
import { hubOf, type Hub } from './hub'
import { hubFailure } from './hub-failure'
import { modelFiles, type ModelFiles } from './model-files'
import { repositoryOf, type HubFile, type Repository } from './repository'

interface Found extends ModelFiles {
  readonly hub: Hub
  readonly repository: Repository
  readonly address: ModelAddress
}

/** What is shown before anything is fetched, but for its config.json. @throws StudioFailure hub-failed */
export async function hubModel(access: HubAccess, typed: string, signal: AbortSignal): Promise<HubModel> {
  const found = await foundAt(access, typed, signal)
  const { repository, files, alternatives } = found
  const { name, commit, licence, isGated, downloads, page, parameters } = repository
  const described = found.problem === undefined ? await describedBy(found) : { problem: found.problem }
  return {
    ...{ name, commit, licence, isGated, downloads, page },
    family: familyIn(repository),
    files: files.map(({ path }) => path),
    bytes: bytesOf(files),
    alternatives: alternatives.map(({ path, bytes }) => ({ file: path, bytes })),
    parameters,
    ...described,
  }
}

async function foundAt(access: HubAccess, typed: string, signal: AbortSignal): Promise<Found> {
  const address = modelAddress(typed)
  const { name, revision, file } = address
  const hub = hubOf(access, { kind: 'models', name }, signal)
  const repository = await repositoryOf(hub, { kind: 'models', name, revision })
  return { hub, repository, address, ...modelFiles(repository.files, file) }
}

const bytesOf = (files: readonly HubFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

function familyIn({ config }: Repository): string {
  const type =
    typeof config === 'object' && config !== null && 'model_type' in config ? config.model_type : ''
  return typeof type === 'string' ? type : ''
}

/** A description is no longer than this; what is says nothing. */
const mostConfigBytes = 1 << 20

/** By its config.json, read as an import reads it. */
async function describedBy(
  found: Found,
): Promise<Partial<Pick<HubModel, 'problem' | 'parameters' | 'memory'>>> {
  const { hub, repository, files } = found
  const config = files.find(({ path, bytes }) => path === 'config.json' && bytes <= mostConfigBytes)
  if (!config || files.some(({ path }) => path === 'adapter_config.json')) return {}
  const answer = await hub.fetch(hub.fileUrl(repository.commit, config.path))
  const { sizedModel } = await import('./sized-model')
  const { parameters, problem } = sizedModel(await answer.text())
  if (parameters === undefined) return { ...(problem !== undefined && { problem }) }
  const needBytes = parameters * Float32Array.BYTES_PER_ELEMENT
  return { parameters, memory: { needBytes, availableBytes: machineMemory().totalBytes } }
}

export interface ModelFetching extends Fetching {
  /** What is imported: the folder, or its one file. */
  readonly path: string
  readonly name: string
  readonly cameFrom: string
  readonly licence: string
}

/** @param parent folder of all downloads. @throws StudioFailure hub-failed */
export async function modelFetching(
  access: HubAccess,
  { address, parent }: { readonly address: string; readonly parent: string },
  signal: AbortSignal,
): Promise<ModelFetching> {
  const found = await foundAt(access, address, signal)
  const { hub, repository, files } = found
  const { name, commit, licence } = repository
  const problem = found.problem ?? (await describedBy(found)).problem
  if (problem !== undefined) throw hubFailure(`${name} is not read: ${problem}.`)
  const own = fetching(hub, repository, files, parent)
  const [only] = files
  const gguf = only && files.length === 1 && only.path.endsWith('.gguf') ? only.path : undefined
  return {
    ...own,
    path: gguf === undefined ? own.folder : join(own.folder, gguf),
    name:
      gguf
        ?.replace(/\.gguf$/, '')
        .split('/')
        .at(-1) ??
      name.split('/').at(-1) ??
      name,
    cameFrom: `hf:${name}@${commit.slice(0, 12)}${gguf === undefined ? '' : `:${gguf}`}`,
    licence,
  }
}
