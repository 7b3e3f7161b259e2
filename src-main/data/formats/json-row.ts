/** One element of JSON as a row: an object's keys are columns, a text is the column "text". */
import { refuse, type Place } from '../refuse'
import type { SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { advance } from '../text/text-chunks'
import { jsonProblem } from './json-problem'

/**
 * @param start where `text` begins in the file
 * @throws StudioFailure refused-file, with line and column of what is not JSON
 */
export function jsonRow(source: SourceFile, text: string, start: Required<Place>): SourceRow {
  const value = parse(source, text, start)
  if (typeof value === 'string') return { line: start.line, values: { text: value } }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { line: start.line, values: value as Record<string, unknown> }
  return refuse(source.path, `this is ${typeName(value)}, not an object like {"text": "…"}`, {
    line: start.line,
  })
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
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
