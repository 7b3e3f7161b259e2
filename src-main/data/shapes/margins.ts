/**
 * How much better the chosen one is: a number in nats, as TRL's column `margin` has it, words, or the distance of two
 * scores. Words are Llama 2's, with the smaller of its margins: significantly better asks for 1, better for ⅔, slightly
 * better for ⅓, and negligibly better or unsure for none (Touvron et al. 2023, Table 27).
 */
import type { Margin } from '../../../src-shared/records/judgment'
import { RowProblem } from '../refuse'
import type { Values } from './columns'

/** As a verdict says it, where it is the same; else the number. */
export type SaidMargin = Margin | number

const words: readonly (readonly [RegExp, SaidMargin])[] = [
  [/negligibl|unsure|about the same|equally/i, 0],
  [/slight|marginal|somewhat/i, 'slightly'],
  [/significant|much|far |strong|clear|considerabl/i, 'better'],
  [/better|preferred/i, 2 / 3],
]

/** Whether a column holds margins, told by its first value. */
export const isMargin = (value: unknown): boolean =>
  numberIn(value) !== undefined || wordIn(value) !== undefined

/** Undefined where nobody said how much. @throws RowProblem */
export function marginOf(values: Values, name: string): SaidMargin | undefined {
  const value = values[name]
  if (value === null || value === undefined || value === '') return undefined
  const said = numberIn(value)
  const margin = said === undefined ? wordIn(value) : marginOfNumber(said)
  if (margin === undefined)
    throw new RowProblem(`"${name}" is ${JSON.stringify(value).slice(0, 60)}, not a number`)
  return margin
}

/** Ratings lie on a scale of ten at most; votes are counted by the thousand, and are no nats. */
const MOST_APART = 10

/** By how much the chosen one's score is above the other's. Undefined where one has none. @throws RowProblem */
export function marginOfScores(values: Values, chosen: string, rejected: string): SaidMargin | undefined {
  const [good, bad] = [chosen, rejected].map((name) => scoreIn(values, name))
  return good === undefined || bad === undefined
    ? undefined
    : marginOfNumber(Math.min(MOST_APART, good - bad))
}

/** HelpSteer's 1 is slightly better, 2 better and 3 much better. */
export const marginOfStrength = (value: unknown): SaidMargin =>
  marginOfNumber(Math.min(3, Math.ceil(Math.abs(Number(value)))) / 3)

function scoreIn(values: Values, name: string): number | undefined {
  const value = values[name]
  if (value === null || value === undefined || value === '') return undefined
  const number = numberIn(value)
  if (number !== undefined) return number
  throw new RowProblem(`"${name}" is ${JSON.stringify(value).slice(0, 60)}, not a number`)
}

/** Less than nothing asks for nothing. */
function marginOfNumber(number: number): SaidMargin {
  if (number === 1) return 'better'
  return Math.abs(number - 1 / 3) < 1e-9 ? 'slightly' : Math.max(0, number)
}

function numberIn(value: unknown): number | undefined {
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const isText = typeof value === 'string' && value.trim() !== ''
  const number = isNumber || isText ? Number(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

const wordIn = (value: unknown): SaidMargin | undefined =>
  typeof value === 'string' ? words.find(([word]) => word.test(value))?.[1] : undefined
