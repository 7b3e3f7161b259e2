/** One value of a row as text, or the sentence that says why it is none. */
import { RowProblem } from '../refuse'
import type { Values } from './columns'

/**
 * A number or a truth is text as JSON writes it.
 * @throws RowProblem when the value is missing, is no text, or holds half a character
 */
export const textOf = (values: Values, name: string): string => textOfValue(values[name], name)

/** The same of a value that stands in no column. @throws RowProblem */
export function textOfValue(value: unknown, name: string): string {
  if (value === null || value === undefined) throw new RowProblem(`"${name}" is missing`)
  if (typeof value === 'number') return numberText(value, name)
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') throw new RowProblem(`"${name}" is ${typeName(value)}, not text`)
  return wellFormed(value, name)
}

/** JSON's numbers are read with 53 bits: of a longer one not all digits are left. */
function numberText(value: number, name: string): string {
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new RowProblem(`"${name}" is a number of more digits than are exact; put it into quotes`)
  return String(value)
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Half of a surrogate pair cannot be stored as UTF-8 without changing it. @throws RowProblem */
export function wellFormed(text: string, name: string): string {
  if (!text.isWellFormed())
    throw new RowProblem(`"${name}" holds half a character (a lone surrogate such as \\ud83d)`)
  return text
}

/** @throws RowProblem */
export function notBlank(text: string, name: string): string {
  if (text.trim() === '') throw new RowProblem(`"${name}" is empty`)
  return text
}
