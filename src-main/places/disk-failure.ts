/**
 * What the file system refuses, in words: what could not be done, where, and what to do. It is the world's doing, never
 * a bug of the studio.
 */
import { accessSync, constants } from 'node:fs'
import { StudioFailure } from '../../src-shared/result'

/** What people read of each code; `where` is a path, or what stands for one. */
const problems: Readonly<Record<string, (where: string) => string>> = {
  ENOSPC: (where) => `The disk is full: ${where} could not be written. Free some space and try again.`,
  EDQUOT: (where) =>
    `This user’s share of the disk is used up: ${where} could not be written. Free some space and try again.`,
  EFBIG: (where) =>
    `${where} would become larger than a file may be here: a limit of this user or of the disk. Raise it, or choose ` +
    'another disk.',
  EROFS: (where) => `${where} lies on a disk that can only be read. Choose a folder on another one.`,
  ENOTDIR: (where) => `A part of ${where} is a file where a folder is needed. Move it away, and try again.`,
  EEXIST: (where) => `There is something else at ${where} already. Move it away, and try again.`,
  EISDIR: (where) => `${where} is a folder where a file is needed. Move it away, and try again.`,
  ENOENT: (where) => `${where} is not there (any more). Look at the path, and try again.`,
  ENOTEMPTY: (where) => `${where} is not empty. Choose another folder, or empty it.`,
  ELOOP: (where) => `${where} is a link that leads back to itself. Choose the file or folder itself.`,
  ENAMETOOLONG: (where) => `${where} is longer than a name may be on this disk. Choose a shorter one.`,
  EMFILE: (where) => `Too many files are open to open ${where}. Close other programs, and try again.`,
  ENFILE: (where) => `Too many files are open to open ${where}. Close other programs, and try again.`,
  EBUSY: (where) => `${where} is in use by another program. Close it, and try again.`,
  EXDEV: (where) => `${where} lies on another disk than where it is to go. Choose a folder on the same one.`,
  EIO: (where) => `The disk failed to read or write ${where}. Look at the disk.`,
}

/** System calls that only read. Opening may be either. */
const readingCalls = new Set([
  'access',
  'lstat',
  'opendir',
  'read',
  'readdir',
  'readlink',
  'scandir',
  'stat',
  'statfs',
])

function forbidden(where: string, syscall: string | undefined): string {
  const isToRead = readingCalls.has(syscall ?? '') || (syscall === 'open' && !isReadable(where))
  return (
    `This user may not ${isToRead ? 'read' : 'write'} ${where}. Change its permissions, or choose another ` +
    `${isToRead ? 'one' : 'folder'}.`
  )
}

/** A file that is not there yet cannot be written; one that is there and may not be read was to be read. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

/**
 * @param about what was written, where the system names no path
 * @returns the failure to show; undefined when the file system has said nothing of the kind
 */
export function diskFailure(thrown: unknown, about = 'what was to be saved'): StudioFailure | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  if (thrown.code === 'ERR_INVALID_ARG_VALUE' && /null bytes/.test(thrown.message))
    return storage('A path may not hold the character NUL. Choose another one.')
  // Sockets and children have codes, too; a system call of files names its path, or is a write.
  const { code, path, dest, syscall } = thrown as NodeJS.ErrnoException & { readonly dest?: string }
  if (path === undefined && syscall !== 'write') return undefined
  const where = dest ?? path ?? about
  if (code === 'EACCES' || code === 'EPERM') return storage(forbidden(where, syscall))
  const says = code !== undefined && Object.hasOwn(problems, code) ? problems[code] : undefined
  return says && storage(says(where))
}

const storage = (problem: string): StudioFailure => new StudioFailure({ kind: 'storage', problem })
