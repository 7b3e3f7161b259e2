/**
 * Writing a file so that it is complete or absent: it is written under a temporary name, brought to the disk,
 * renamed, and its folder brought to the disk. A name that is there stands for a whole file.
 */
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'

/** @returns bytes of the file. @throws StudioFailure when the disk is full; nothing is left behind then */
export async function writeWhole(
  path: string,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const partial = `${path}.partial`
  let bytes = 0
  try {
    const file = await open(partial, 'w')
    try {
      for await (const piece of pieces) {
        await file.writeFile(piece)
        bytes += piece.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(partial, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(partial, { force: true })
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new StudioFailure({
        kind: 'storage',
        problem: `The disk is full: ${basename(path)} was not written. What was saved before is safe.`,
      })
    throw error
  }
  return bytes
}

/** Makes a rename in it last. Windows keeps it by itself and opens no folder. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
