/**
 * How a run's bundle is laid out: a ZIP of a small registry and of the files of its checkpoints beside it, in the
 * folders in which they lay. Unpacked, it is a registry like any other.
 */
import { statfs } from 'node:fs/promises'
import { basename } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'
import { filesInZip, unzipInto } from '../../places/zip-reading'

export const registryName = 'registry.sqlite'
export const checkpointFolder = 'registry-checkpoints'

const isOurs = (name: string): boolean =>
  name === registryName || /^registry-checkpoints\/[\w-]+\/[\w-][\w.-]*\.safetensors$/.test(name)

/**
 * The parts of a bundle, unpacked into an empty folder.
 * @throws StudioFailure refused-file; storage, when there is no room for it
 */
export async function unpackBundle(path: string, folder: string): Promise<void> {
  const refuse = (problem: string): never => {
    throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem })
  }
  const inWords = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error) || 'syscall' in error) throw error
      return refuse(`it is no whole bundle of a run: ${error.message}. Export the run again.`)
    }
  }
  const files = await inWords(() => filesInZip(path))
  const stranger = files.find(({ name }) => !isOurs(name))
  if (stranger)
    refuse(`it is no bundle of a run: “${stranger.name.slice(0, 200)}” is in it. Nothing was brought in.`)
  if (!files.some(({ name }) => name === registryName))
    refuse('it is no bundle of a run: no registry is in it.')
  if (new Set(files.map(({ name }) => name.toLowerCase())).size < files.length)
    refuse('it is no bundle of a run: a part is in it twice.')
  await insistOnRoom(
    files.reduce((sum, { bytes }) => sum + bytes, 0),
    folder,
  )
  await inWords(() => unzipInto(folder, path, files))
}

async function insistOnRoom(bytes: number, folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  if (bytes > bavail * bsize)
    throw new StudioFailure({
      kind: 'storage',
      problem:
        `Unpacked, this bundle takes ${Math.ceil(bytes / 1e6)} MB, and the disk has less. ` +
        'Free some space first.',
    })
}
