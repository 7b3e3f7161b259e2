/**
 * How much better the chosen one is, as TRL's column `margin` has it: a number in nats, of which Llama 2 asked ⅓ of a
 * pair that is slightly better and ⅔ or 1 of one that is more (Touvron et al. 2023, Table 27, small margins). Here two
 * steps are told apart on either side of a tie.
 */
import type { Margin } from '../../../src-shared/records/judgment'
import { RowProblem } from '../refuse'
import type { Values } from './columns'

/** Above it a margin is nearer to that of better than to that of slightly better. */
const MOST_SLIGHTLY = 0.5

const SLIGHTLY = /slight|negligibl|marginal/i
const BETTER = /better|significant|much/i

/** Whether a column holds margins, told by its first value. */
export const isMargin = (value: unknown): boolean =>
  numberIn(value) !== undefined || wordIn(value) !== undefined

/** Undefined where nobody said how much: an empty cell, 0, or less. @throws RowProblem */
export function marginOf(values: Values, name: string): Margin | undefined {
  const value = values[name]
  if (value === null || value === undefined || value === '') return undefined
  const number = numberIn(value)
  if (number !== undefined) return number > 0 ? (number <= MOST_SLIGHTLY ? 'slightly' : 'better') : undefined
  const word = wordIn(value)
  if (word === undefined)
    throw new RowProblem(`"${name}" is ${JSON.stringify(value).slice(0, 60)}, not a number`)
  return word
}

function numberIn(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const isText = typeof value === 'string' && value.trim() !== ''
  const number = isNumber || isText ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

function wordIn(value: unknown): Margin | undefined {
  if (typeof value !== 'string') return undefined
  if (SLIGHTLY.test(value)) return 'slightly'
  return BETTER.test(value) ? 'better' : undefined
}
