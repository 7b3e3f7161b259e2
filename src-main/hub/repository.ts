/** A repository as the hub lists it: at one commit, with the size and checksum of every file. */
import { datasetInfo, listFiles, modelInfo } from '@huggingface/hub'
import { z } from 'zod'
import type { HubKind } from '../../src-shared/records/hub'
import { StudioFailure } from '../../src-shared/result'
import type { Hub } from './hub'
import { hubFailure } from './hub-failure'

export interface HubFile {
  readonly path: string
  readonly bytes: number
  /** Of its bytes, as hexadecimal digits: SHA-256, or SHA-1 as Git takes it of a small file. */
  readonly checksum: { readonly kind: 'sha256' | 'git'; readonly digest: string } | undefined
}

export interface Repository {
  readonly kind: HubKind
  readonly name: string
  readonly commit: string
  readonly licence: string
  readonly isGated: boolean
  readonly downloads: number
  readonly page: string
  /** What stands at the top of its card; untrusted. */
  readonly card: unknown
  /** Of a model: what its config says; untrusted. */
  readonly config: unknown
  /** Of a model: all its numbers, where the hub has counted them. */
  readonly parameters: number | undefined
  readonly files: readonly HubFile[]
}

/** More files than this are no dataset of texts. */
const mostFiles = 50_000

const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{7,64}$/),
  gated: z.union([z.boolean(), z.string()]).optional(),
  downloads: z.number().catch(0),
  tags: z.array(z.string()).catch([]),
  cardData: z.unknown().optional(),
  config: z.unknown().optional(),
  safetensors: z.object({ total: z.number() }).optional().catch(undefined),
})

const entrySchema = z.object({
  type: z.string(),
  path: z.string().min(1).max(1000),
  size: z.number().int().min(0).catch(0),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number().int().min(0) }).optional(),
})

export interface Wanted {
  readonly kind: HubKind
  readonly name: string
  readonly revision?: string | undefined
}

/** @throws StudioFailure hub-failed */
export async function repositoryOf(hub: Hub, { kind, name, revision }: Wanted): Promise<Repository> {
  return asHubFailure(hub, async () => {
    const info = infoSchema.parse(await infoOf(hub, { kind, name, revision }))
    return {
      kind,
      name,
      commit: info.sha,
      licence: licenceIn(info.tags),
      isGated: info.gated !== undefined && info.gated !== false,
      downloads: info.downloads,
      page: hub.page,
      card: info.cardData,
      config: info.config,
      parameters: info.safetensors?.total,
      files: await filesOf(hub, { kind, name, revision: info.sha }),
    }
  })
}

function infoOf(hub: Hub, { kind, name, revision }: Wanted): Promise<unknown> {
  const asked = { name, hubUrl: hub.endpoint, fetch: hub.fetch, ...(revision !== undefined && { revision }) }
  return kind === 'datasets'
    ? datasetInfo({ ...asked, additionalFields: ['sha', 'tags', 'cardData'] })
    : modelInfo({ ...asked, additionalFields: ['sha', 'tags', 'cardData', 'config', 'safetensors'] })
}

async function filesOf(hub: Hub, { kind, name, revision = 'main' }: Wanted): Promise<readonly HubFile[]> {
  const repo = { type: kind === 'datasets' ? 'dataset' : 'model', name } as const
  const files: HubFile[] = []
  const listing = listFiles({ repo, revision, recursive: true, hubUrl: hub.endpoint, fetch: hub.fetch })
  for await (const each of listing) {
    const { type, path, size, oid, lfs } = entrySchema.parse(each)
    if (type !== 'file' || !isPlain(path)) continue
    files.push({ path, bytes: lfs?.size ?? size, checksum: checksumOf(oid, lfs?.oid) })
    if (files.length > mostFiles)
      throw hubFailure(`${name} has more than ${mostFiles.toLocaleString('en')} files: it is not read.`)
  }
  return files
}

/** A path that stays in the folder it is written to. */
const isPlain = (path: string): boolean =>
  !/[\\:*?"<>|\p{Cc}]/u.test(path) && path.split('/').every((part) => part !== '' && !/^\.+$/.test(part))

function checksumOf(oid: string | undefined, lfs: string | undefined): HubFile['checksum'] {
  if (lfs !== undefined) return { kind: 'sha256', digest: lfs.toLowerCase() }
  return oid === undefined ? undefined : { kind: 'git', digest: oid.toLowerCase() }
}

/** "license:apache-2.0" */
export const licenceIn = (tags: readonly string[]): string =>
  tags
    .filter((tag) => tag.startsWith('license:'))
    .map((tag) => tag.slice('license:'.length))
    .join(', ')

/** An answer that is not what the hub gives is the server's fault, and said so. */
export async function asHubFailure<T>({ endpoint }: Hub, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StudioFailure) throw error
    if (error instanceof z.ZodError || error instanceof SyntaxError || error instanceof TypeError)
      throw hubFailure(
        `${endpoint} does not answer as a hub does: look at HF_ENDPOINT, and whether a page asks to sign in.`,
      )
    throw error
  }
}
