/**
 * JSON as rows: one object a line (JSONL). An array of objects is read in json-array.ts; both understand an
 * element here.
 */
import { jsonProblem } from './json-problem'
import { lineBatches } from '../text/lines'
import { refuse, type Place } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { advance } from '../text/text-chunks'

/**
 * Reads JSONL. Blank lines are no rows.
 * @throws StudioFailure refused-file, with line and column of what is not JSON
 */
export async function* jsonLineRows(source: SourceFile): AsyncGenerator<RowBatch> {
  for await (const { lines, firstLine, bytesRead } of lineBatches(source)) {
    const rows: SourceRow[] = []
    lines.forEach((line, i) => {
      if (line.trim() !== '') rows.push(jsonRow(source, line, { line: firstLine + i, column: 1 }))
    })
    yield { rows, bytesRead }
  }
}

/** @param start where `text` begins in the file */
export function jsonRow(source: SourceFile, text: string, start: Required<Place>): SourceRow {
  const value = parse(source, text, start)
  if (typeof value === 'string') return { line: start.line, values: { text: value } }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { line: start.line, values: value as Record<string, unknown> }
  return refuse(
    source.path,
    `this is ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}, not ` +
      'an object like {"text": "…"}',
    { line: start.line },
  )
}

function parse(source: SourceFile, text: string, start: Required<Place>): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const { offset, problem } = jsonProblem(text)
    return refuse(source.path, `this is not JSON: ${problem}`, advance(start, text.slice(0, offset)))
  }
}
