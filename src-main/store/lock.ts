/**
 * One studio a registry. The lock is an open transaction on a file beside the registry: the operating system
 * lets go of it when the process ends, however it ends, and readers of the registry never meet it.
 */
import { StudioFailure } from '../../src-shared/result'

interface LockFile {
  exec(sql: string): unknown
  close(): unknown
}

/**
 * Owns `lockFile` from here on; what it returns lets go of the lock.
 * @param holder asks which process has it, for the sentence people read
 * @throws StudioFailure storage, when another studio has it
 */
export function lockRegistry(
  registry: string,
  lockFile: LockFile,
  holder: () => number | undefined,
): () => void {
  try {
    // no journal file beside it: nothing is written
    lockFile.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lockFile.close()
    if ((error as { code?: unknown }).code !== 'SQLITE_BUSY') throw error
    throw new StudioFailure({ kind: 'storage', problem: alreadyOpen(registry, holder()) })
  }
  return () => void lockFile.close()
}

function alreadyOpen(registry: string, holder: number | undefined): string {
  const who = holder ? `another studio (process ${holder})` : 'another studio'
  return (
    `This registry is already open in ${who}: ${registry}. Use that window, or close it first; nothing was ` +
    'changed.'
  )
}
