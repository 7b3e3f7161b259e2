/** Labels as numbers: a number, a truth, or positive and negative in words as 1 and 0. */
import { RowProblem } from '../refuse'
import type { Values } from './columns'

const words: Readonly<Record<string, number>> = {
  positive: 1,
  pos: 1,
  true: 1,
  yes: 1,
  good: 1,
  correct: 1,
  right: 1,
  desirable: 1,
  '+': 1,
  negative: 0,
  neg: 0,
  false: 0,
  no: 0,
  bad: 0,
  incorrect: 0,
  wrong: 0,
  undesirable: 0,
  '-': 0,
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/

/** @throws RowProblem when the value is missing or no label */
export function labelOf(values: Values, name: string): number {
  const value = values[name]
  if (value === null || value === undefined || value === '') throw new RowProblem(`"${name}" is missing`)
  const label = labelIn(value)
  if (label !== undefined) return label
  const shown = JSON.stringify(typeof value === 'bigint' ? String(value) : value)
  throw new RowProblem(`"${name}" is ${shown}, not a number`)
}

export function labelIn(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'number' || typeof value === 'bigint') return finite(Number(value))
  if (typeof value !== 'string') return undefined
  const word = value.trim().toLowerCase()
  if (Object.hasOwn(words, word)) return words[word]
  return NUMBER.test(word) ? finite(Number(word)) : undefined
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)
