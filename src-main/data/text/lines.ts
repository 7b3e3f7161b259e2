/** Text as lines, by the chunk. */
import { refuse } from '../refuse'
import type { SourceFile } from '../source-file'
import { textChunks } from './text-chunks'

/** Longest text of one row. Longer ones are broken files or books on one line, which no model here reads. */
export const LONGEST_ROW_CHARACTERS = 4_194_304

export interface LineBatch {
  readonly lines: readonly string[]
  /** Of the first of them, from 1. */
  readonly firstLine: number
  readonly bytesRead: number
}

/** @throws StudioFailure refused-file, for a line longer than LONGEST_ROW_CHARACTERS */
export async function* lineBatches(source: SourceFile): AsyncGenerator<LineBatch> {
  let unfinished: string[] = []
  let unfinishedCharacters = 0
  let firstLine = 1
  let bytesRead = 0
  for await (const chunk of textChunks(source)) {
    bytesRead = chunk.bytesRead
    const lines = chunk.text.split('\n')
    const last = lines.pop() ?? ''
    if (lines.length === 0) {
      unfinished.push(last)
      unfinishedCharacters += last.length
    } else {
      lines[0] = unfinished.join('') + (lines[0] ?? '')
      unfinished = [last]
      unfinishedCharacters = last.length
      yield { lines, firstLine, bytesRead }
      firstLine += lines.length
    }
    if (unfinishedCharacters > LONGEST_ROW_CHARACTERS) refuse(source.path, tooLong, { line: firstLine })
  }
  if (unfinishedCharacters > 0) yield { lines: [unfinished.join('')], firstLine, bytesRead }
}

export const tooLong =
  `this row is longer than ${LONGEST_ROW_CHARACTERS.toLocaleString('en')} characters; split it, or check ` +
  'that lines end where rows do'
