/** Refusing a file: whole, with the place and the reason, in words. */
import path from 'node:path'
import { StudioFailure } from '../../src-shared/result'

/** 1-based; the column counts UTF-16 units, as editors do. */
export interface Place {
  readonly line?: number
  readonly column?: number
}

/** @throws StudioFailure refused-file, always */
export function refuse(file: string, problem: string, place: Place = {}): never {
  throw new StudioFailure({ kind: 'refused-file', file: path.basename(file), problem, ...place })
}

/**
 * What is wrong with one row, thrown by those who read its columns and placed by the one who knows its line.
 */
export class RowProblem extends Error {}

/** A row that can be read and teaches nothing: it is left out and counted. The message follows "1 row ". */
export class LeftOut extends Error {}

/** What the file system says about a file, in words; undefined when it is something else. */
export function fileProblem(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const problems: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
    EISDIR: 'this is a folder; choose a file in it',
    ELOOP: 'this is a link that leads back to itself',
    ENAMETOOLONG: 'its name is too long',
    EMFILE: 'too many files are open; close some and try again',
    EIO: 'the disk failed to read it',
  }
  return problems[code]
}
