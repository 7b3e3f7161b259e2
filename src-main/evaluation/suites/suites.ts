/** The evaluation suites, in the order of a report: one row each. */
import { likelihood } from './likelihood'
import { references } from './references'
import { shape } from './shape'
import type { Suite } from './suite'
import { variety } from './variety'
import { wordLists } from './word-lists'

export const suites = { shape, variety, references, likelihood, words: wordLists } as const satisfies {
  readonly [name: string]: Suite
}

export type SuiteName = keyof typeof suites

export const suiteNames = Object.keys(suites) as readonly SuiteName[]
