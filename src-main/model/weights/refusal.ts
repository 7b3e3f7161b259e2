/**
 * Saying what is wrong with a file of weights: inside as an error that knows no path, outside as
 * `refused-file` with the file's name.
 */
import { basename } from 'node:path'
import { StudioFailure } from '../../../src-shared/result'

/** The bytes are not what they say they are. The message is a sentence for people. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError'
}

/** @throws WeightsError */
export function refuse(problem: string): never {
  throw new WeightsError(problem)
}

/** Does something with a file; what is wrong with the file is said as `refused-file`. */
export async function refusingFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const problem = problemOf(error)
    if (problem === undefined) throw error
    throw new StudioFailure({ kind: 'refused-file', file: basename(path), problem })
  }
}

/**
 * What is wrong with a part is wrong with the file.
 * @throws WeightsError with the words of any error of `read`, after what it is about
 */
export function believed<T>(read: () => T, about?: string): T {
  try {
    return read()
  } catch (error) {
    return refuse(about === undefined ? (error as Error).message : `${about}: ${(error as Error).message}`)
  }
}

function problemOf(error: unknown): string | undefined {
  if (error instanceof WeightsError) return error.message
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'it is not there any more'
    case 'EACCES':
      return 'it may not be read'
    case 'EISDIR':
      return 'it is a folder'
    case 'ELOOP':
      return 'it is a link that leads to itself'
    default:
      return undefined
  }
}
