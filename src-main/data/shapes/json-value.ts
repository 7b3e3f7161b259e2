/** A cell as JSON: what a file may hold that is more than text. */
import type { Json } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { pythonLiteral } from './python-literal'

/** @throws RowProblem when it is what JSON has no word for */
export function jsonOf(value: unknown, where: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Array.isArray(value)) return value.map((each) => jsonOf(each, where))
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([name, each]) => [name, jsonOf(each, where)]),
    )
  throw new RowProblem(`${where} holds ${String(value)}, which is not JSON`)
}

export type Fields = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a text says as JSON, or as Python prints lists and dictionaries; undefined when it is neither. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return pythonLiteral(text)
  }
}

/** A list or an object that is written in a text, as a table without such cells has it; else the value as it is. */
export function unpacked(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*(?:[[{]|array\()/.test(value)) return value
  const read = parsed(value)
  return typeof read === 'object' && read !== null ? read : value
}

/** Nothing, as columns say it that most rows do not need: null, "", [], {}, "[]" or "{}". */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value === 'string') return /^\s*(\[\s*\]|\{\s*\}|null)?\s*$/.test(value)
  return typeof value === 'object' && Object.keys(value).length === 0
}
