/**
 * What the disk and SQLite report about it, in words: what, where, what to do. Everything else is a bug and
 * passes through.
 */
import { StudioFailure } from '../../src-shared/result'

/** Runs `work`; a failure of the disk below it becomes a StudioFailure of kind storage. */
export function inWords<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const problem = storageProblem(file, codeOf(error))
    if (problem === undefined) throw error
    throw new StudioFailure({ kind: 'storage', problem })
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** @param code SQLite's extended result code, or Node's error code */
function storageProblem(file: string, code: string): string | undefined {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC')
    return (
      `The disk is full: this was not saved in ${file}. Free some space and try again; what was saved ` +
      'before is safe.'
    )
  if (code === 'SQLITE_NOTADB')
    return (
      `${file} is not a registry of RLHF Studio: it is no SQLite database, or its first bytes are damaged. ` +
      'Choose another registry, or put a copy of it back.'
    )
  if (code.startsWith('SQLITE_CORRUPT'))
    return (
      `The registry ${file} is damaged: a part of it cannot be read. Put a copy of it back, or choose ` +
      'another registry; the file was left as it is.'
    )
  if (code.startsWith('SQLITE_IOERR'))
    return `The disk failed to read or write ${file} (${code}). Look at the disk; what was saved before is safe.`
  if (
    code.startsWith('SQLITE_READONLY') ||
    code === 'EROFS' ||
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'SQLITE_PERM'
  )
    return (
      `${file} cannot be written: this user has no permission there. Choose another registry, or change ` +
      'its permissions.'
    )
  if (
    code.startsWith('SQLITE_CANTOPEN') ||
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'EISDIR' ||
    code === 'EEXIST'
  )
    return `There is no registry at ${file}, or its folder cannot be opened. Look at the path.`
  if (code.startsWith('SQLITE_BUSY'))
    return `Another program holds the registry ${file}. Close it and try again.`
  return undefined
}
