/**
 * Examples: rows of training data of any kind, and how they are found. Plain data, safe to clone across any
 * process border. Times are milliseconds since 1970.
 */
import type { ExampleMarks } from './example-marks'
import type { Margin } from './judgment'
import type { Completion, Prompt } from './turn'

/** One row of training data of any kind; a part that the kind does not have is undefined. */
export interface Example extends ExampleMarks {
  readonly id: number
  readonly datasetId: string
  /** 1-based place in its dataset. */
  readonly row: number
  readonly prompt?: Prompt
  /** The text itself, the completion, or the chosen completion. */
  readonly completion?: Completion
  readonly rejected?: Completion
  readonly label?: number
  /** How much better the chosen completion is, where a person or a file said so: a word, or a number in nats. */
  readonly margin?: Margin | number
  /** All completions that were compared, the best first. */
  readonly candidates?: readonly Candidate[]
  /** The completion step by step. */
  readonly steps?: readonly Step[]
  readonly source?: string
  readonly isFlagged: boolean
}

/** One of several completions of a prompt. A higher score is better; equal ones are tied; its unit is the file's. */
export interface Candidate {
  readonly completion: Completion
  readonly score: number
}

/** A step of a solution, and what was said of it: 1 is right, 0 is wrong; PRM800K's −1 is wrong, its 0 neither. */
export interface Step {
  readonly text: string
  readonly label: number
}

/** What a file says of an example, before it has a place in a dataset. */
export type ExampleParts = Pick<
  Example,
  'prompt' | 'completion' | 'rejected' | 'label' | 'margin' | 'candidates' | 'steps' | 'source'
>

export interface ExampleFilter {
  /** Words to find, all of them; empty finds all. */
  readonly search: string
  readonly source?: string
  readonly label?: number
  readonly flaggedOnly?: boolean
  readonly tag?: string
  /** Only those that are left out of training, or only the others. */
  readonly isExcluded?: boolean
  /** Bounds on the characters of prompt + completion, as `textOf` writes turns. */
  readonly minCharacters?: number
  readonly maxCharacters?: number
}

export interface ExamplePage {
  /** How many rows match in all. */
  readonly total: number
  readonly rows: readonly Example[]
}

export interface Token {
  readonly id: number
  readonly text: string
}

export interface TokenView {
  readonly tokenizer: string
  readonly vocabulary: number
  readonly tokens: readonly Token[]
  /** Characters the tokenizer cannot encode, each once. */
  readonly unknown: readonly string[]
}

/** A token as a model reads it in a row. */
export interface RenderedToken extends Token {
  /** Whether its loss counts where the row is learned from: it is the completion's. */
  readonly isLearned: boolean
}

/** A row put together by a model's own template, or as plain text where it has none. */
export interface RenderedView {
  readonly tokenizer: string
  readonly hasTemplate: boolean
  /** So many tokens the model reads at most. */
  readonly contextTokens: number
  readonly promptTokens: number
  readonly learnedTokens: number
  /** How many there are in all: of many not all are among `tokens`. */
  readonly count: number
  readonly tokens: readonly RenderedToken[]
}
