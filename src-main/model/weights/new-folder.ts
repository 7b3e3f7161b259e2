/** A folder that is whole or not there: it is written under another name beside its place, and renamed. */
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { syncFolder } from './whole-file'

export interface WrittenFolder {
  readonly folder: string
  /** Every file, from the folder. */
  readonly files: readonly string[]
  readonly bytes: number
}

/**
 * @throws StudioFailure when there is something of that name already; what `write` throws leaves nothing
 *   behind
 */
export async function writeNewFolder(
  parent: string,
  name: string,
  write: (folder: string) => Promise<void>,
): Promise<WrittenFolder> {
  const folder = join(parent, folderName(name))
  if (
    await stat(folder).then(
      () => true,
      () => false,
    )
  )
    throw new StudioFailure({
      kind: 'storage',
      problem: `${folder} is there already, and nothing was written. Rename it, or choose another folder.`,
    })
  const partial = await mkdtemp(join(parent, '.unfinished-'))
  try {
    await write(partial)
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  await syncFolder(parent)
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return {
    folder,
    files: files.map((file) => file.slice(folder.length + 1)).sort(),
    bytes: sizes.reduce((a, b) => a + b, 0),
  }
}

/** A name for people as one that every system takes for a folder. */
export function folderName(name: string): string {
  const kept = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._ -]+/gu, ' ')
    .trim()
    .replace(/\s+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 80)
  return kept === '' ? 'model' : kept
}
