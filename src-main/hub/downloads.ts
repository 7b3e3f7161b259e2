/** Several files of a repository into a folder beside the registry, which stays until they have been read. */
import { mkdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubDownload } from '../../src-shared/records/download'
import { StudioFailure } from '../../src-shared/result'
import { bytesText } from '../../src-shared/sizes'
import { downloaded, sizeAt } from './download'
import type { Hub } from './hub'
import { hubFailure } from './hub-failure'
import type { HubFile, Repository } from './repository'

export interface Fetching {
  readonly folder: string
  readonly files: readonly string[]
  progress(): AsyncGenerator<HubDownload>
  /** When all was read: the files go. */
  discard(): Promise<void>
  /** Lets others fetch it; what came stays. */
  close(): void
}

/** Folders that are being filled: two must not write the same files. */
const underWay = new Set<string>()

/**
 * @param parent folder of all downloads
 * @throws StudioFailure hub-failed, when the same is being fetched already
 */
export function fetching(
  hub: Hub,
  { kind, name, commit }: Pick<Repository, 'kind' | 'name' | 'commit'>,
  files: readonly HubFile[],
  parent: string,
): Fetching {
  const folder = join(parent, kind, name.replaceAll('/', '--'), commit.slice(0, 12))
  if (underWay.has(folder)) throw hubFailure(`${name} is being fetched already.`)
  underWay.add(folder)
  return {
    folder,
    files: files.map(({ path }) => join(folder, path)),
    progress: () => progressOf(hub, files, { folder, commit }),
    discard: () => rm(folder, { recursive: true, force: true }),
    close: () => void underWay.delete(folder),
  }
}

async function* progressOf(
  hub: Hub,
  files: readonly HubFile[],
  { folder, commit }: { readonly folder: string; readonly commit: string },
): AsyncGenerator<HubDownload> {
  const bytesTotal = files.reduce((sum, { bytes }) => sum + bytes, 0)
  await mkdir(folder, { recursive: true })
  await checkRoom(folder, files)
  let before = 0
  for (const file of files) {
    const wanted = { url: hub.fileUrl(commit, file.path), file, path: join(folder, file.path) }
    for await (const bytes of downloaded(hub, wanted))
      yield { file: file.path, bytes: before + bytes, bytesTotal }
    before += file.bytes
  }
}

/** @throws StudioFailure storage, when the disk has no room for what is still to come */
async function checkRoom(folder: string, files: readonly HubFile[]): Promise<void> {
  const there = await Promise.all(
    files.map(async ({ path }) =>
      Math.max(await sizeAt(join(folder, path)), await sizeAt(join(folder, `${path}.part`))),
    ),
  )
  const needed = files.reduce((sum, { bytes }, index) => sum + Math.max(0, bytes - (there[index] ?? 0)), 0)
  const { bavail, bsize } = await statfs(folder)
  if (needed <= bavail * bsize) return
  throw new StudioFailure({
    kind: 'storage',
    problem:
      `${bytesText(needed)} are to be fetched, and ${bytesText(bavail * bsize)} are free at ${folder}: ` +
      'free some space first.',
  })
}
