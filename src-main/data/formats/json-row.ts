/**
 * One element of JSON as a row: an object's keys are columns, a text is the column "text", a list of messages
 * the column "messages".
 */
import { refuse, type Place } from '../refuse'
import type { SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { advance } from '../text/text-chunks'
import { doubledName } from './doubled-names'
import { pythonLiteral } from '../shapes/python-literal'
import { jsonProblem } from './json-problem'

/**
 * @param start where `text` begins in the file
 * @throws StudioFailure refused-file, with line and column of what is not JSON
 */
export function jsonRow(source: SourceFile, text: string, start: Required<Place>): SourceRow {
  const value = jsonValue(source, text, start)
  refuseDoubled(source, text, start)
  return rowOfValue(source, value, start.line)
}

function refuseDoubled(source: SourceFile, text: string, start: Required<Place>): void {
  const doubled = doubledName(text)
  if (!doubled) return
  const where = advance(start, text.slice(0, doubled.offset))
  refuse(source.path, `the name "${doubled.name}" stands twice in one object: leave one of them out`, where)
}

/** @throws StudioFailure refused-file, when no row can be such a value */
export function rowOfValue(source: SourceFile, value: unknown, line: number): SourceRow {
  if (typeof value === 'string') return { line, values: { text: value } }
  if (isObject(value)) return { line, values: value }
  if (isConversation(value)) return { line, values: { messages: value } }
  return refuse(source.path, `this is ${typeName(value)}, not an object like {"text": "…"}`, { line })
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A message says who speaks and what; nothing else in it is text. */
export const isMessage = (value: unknown): boolean =>
  isObject(value) && (('role' in value && 'content' in value) || ('from' in value && 'value' in value))

export const isConversation = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage)

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

/** A string; a number that Python writes and JSON does not have; a comma that nothing follows. */
const STRING_OR_LOOSE = /"(?:[^"\\]|\\[\s\S])*"|-?\b(?:NaN|Infinity)\b|(?<=[^\s,[{]\s*),(?=\s*[}\]])/g

/** Python prints names in single quotes. */
const PRINTED = /^\s*\[?\s*\{\s*'/

/** @throws StudioFailure refused-file, with line and column of what is not JSON */
export function jsonValue(source: SourceFile, text: string, start: Required<Place>): unknown {
  const value = parsed(text)
  if (value !== undefined) return value
  // what Python's writers put where a value is missing, and a hand leaves behind a last one
  const strict = parsed(
    text.replace(STRING_OR_LOOSE, (found) => (found.startsWith('"') ? found : found === ',' ? '' : 'null')),
  )
  if (strict !== undefined) return strict
  // a row as Python prints it
  const literal = PRINTED.test(text) ? pythonLiteral(text) : undefined
  if (literal !== undefined) return literal
  const { offset, problem } = jsonProblem(text)
  return refuse(source.path, `this is not JSON: ${problem}`, advance(start, text.slice(0, offset)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
