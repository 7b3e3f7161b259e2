/**
 * What a person says of a comparison. Plain data, safe to clone across any process border. Times are
 * milliseconds since 1970.
 */

export const verdicts = ['left', 'right', 'tie', 'both-bad', 'skip'] as const

export type Verdict = (typeof verdicts)[number]

/** How much better; only with left and right. */
export type Margin = 'better' | 'slightly'

/** A person's act. Rows are only ever added; the newest of a comparison counts. */
export interface Judgment {
  readonly id: number
  readonly comparisonId: string
  readonly place: number
  /** What its prompt says, as text. */
  readonly prompt: string
  /** `answer`: in the form of its queue's mode; what it says is in `said`. */
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin
  readonly said?: string
  readonly judgedAtMs: number
  /** The window it was said in; empty where that was not kept yet. */
  readonly window: string
  /** The name of who said it; absent where none was given. */
  readonly annotator?: string
}
