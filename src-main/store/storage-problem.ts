/**
 * What the disk and SQLite report about it, in words: what, where, what to do. Everything else is a bug and
 * passes through.
 */
import { StudioFailure } from '../../src-shared/result'
import { bytesText } from '../../src-shared/sizes'
import { mostFileBytes, placeProblem } from './place-problem'

/** Runs `work`; a failure of the disk below it becomes a StudioFailure of kind storage. */
export function inWords<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const problem = storageProblem(file, codeOf(error)) ?? missingPart(file, error)
    if (problem === undefined) throw error
    throw new StudioFailure({ kind: 'storage', problem })
  }
}

/** The schema is the program’s own: what it does not find there was taken away. */
function missingPart(file: string, error: unknown): string | undefined {
  const part =
    error instanceof Error ? /^no such (?:table|column): (.+)$/.exec(error.message)?.[1] : undefined
  return part === undefined
    ? undefined
    : `The registry ${file} is damaged: ${part} is missing in it. Put a copy of it back, or choose another registry.`
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** What people read of the codes that begin so: the first row that fits. */
const problems: readonly {
  readonly codes: readonly string[]
  readonly says: (file: string, code: string) => string
}[] = [
  {
    codes: ['SQLITE_FULL', 'ENOSPC'],
    says: (file) =>
      `The disk is full: this was not saved in ${file}. Free some space and try again; what was saved ` +
      'before is safe.',
  },
  {
    codes: ['SQLITE_NOTADB'],
    says: (file) =>
      `${file} is not a registry of RLHF Studio: it is no SQLite database, or its first bytes are damaged. ` +
      'Choose another registry, or put a copy of it back.',
  },
  {
    codes: ['SQLITE_CORRUPT'],
    says: (file) =>
      `The registry ${file} is damaged: a part of it cannot be read. Put a copy of it back, or choose ` +
      'another registry; the file was left as it is.',
  },
  {
    codes: ['SQLITE_IOERR_WRITE'],
    says: (file, code) => tooLarge(file) ?? diskFailed(file, code),
  },
  {
    codes: ['SQLITE_IOERR'],
    says: (file, code) => placeProblem(file) ?? diskFailed(file, code),
  },
  {
    codes: ['SQLITE_READONLY', 'SQLITE_PERM', 'EROFS', 'EACCES', 'EPERM'],
    says: (file) =>
      `${file} cannot be written: this user has no permission there. Choose another registry, or change ` +
      'its permissions.',
  },
  {
    codes: ['SQLITE_CANTOPEN', 'ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST'],
    says: (file) =>
      placeProblem(file) ??
      `There is no registry at ${file}, or its folder cannot be opened. Look at the path.`,
  },
  {
    codes: ['ELOOP'],
    says: (file) => `${file} is a link that leads back to itself. Choose the registry itself.`,
  },
  {
    codes: ['SQLITE_BUSY'],
    says: (file) => `Another program holds the registry ${file}. Close it and try again.`,
  },
]

const diskFailed = (file: string, code: string): string =>
  `The disk failed to read or write ${file} (${code}). Look at the disk; what was saved before is safe.`

/** SQLite does not say so, and a disk that fails is rarer. */
function tooLarge(file: string): string | undefined {
  const most = mostFileBytes()
  return most === undefined
    ? undefined
    : `${file} would become larger than the ${bytesText(most)} that a file of this user may be. Raise that limit ` +
        '(ulimit -f), and try again; what was saved before is safe.'
}

/** @param code SQLite's extended result code, or Node's error code */
const storageProblem = (file: string, code: string): string | undefined =>
  problems.find(({ codes }) => codes.some((begin) => code.startsWith(begin)))?.says(file, code)
