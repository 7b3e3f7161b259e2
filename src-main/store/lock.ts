/**
 * One studio a registry. The lock is an open transaction on a file beside the registry: the operating system
 * lets go of it when the process ends, however it ends, and readers of the registry never meet it.
 */
import { existsSync } from 'node:fs'
import { StudioFailure } from '../../src-shared/result'

interface LockFile {
  exec(sql: string): unknown
  close(): unknown
}

/**
 * What it returns lets go of the lock.
 * @param open   opens the file of the lock, which is its own from here on
 * @param holder asks which process has it, for the sentence people read
 * @throws StudioFailure storage, when another studio has it, or something else lies in its place
 */
export function lockRegistry(
  registry: string,
  open: (lock: string) => LockFile,
  holder: () => number | undefined,
): () => void {
  const lock = `${registry}.lock`
  let lockFile: LockFile | undefined
  try {
    lockFile = open(lock)
    // no journal file beside it: nothing is written
    lockFile.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    lockFile?.close()
    const code = String((error as { code?: unknown }).code)
    if (code === 'SQLITE_BUSY') refuse(alreadyOpen(registry, holder()))
    if (/^SQLITE_(NOTADB|CORRUPT|CANTOPEN)/.test(code) && existsSync(lock)) refuse(noLock(lock))
    throw error
  }
  return () => void lockFile.close()
}

function refuse(problem: string): never {
  throw new StudioFailure({ kind: 'storage', problem })
}

const noLock = (lock: string): string =>
  `${lock} cannot be used: it should be the empty file by which a studio keeps others out of its registry, and is ` +
  'something else. Delete it and try again; the registry beside it was not touched.'

function alreadyOpen(registry: string, holder: number | undefined): string {
  const who = holder ? `another studio (process ${holder})` : 'another studio'
  return (
    `This registry is already open in ${who}: ${registry}. Use that window, or close it first; nothing was ` +
    'changed.'
  )
}
