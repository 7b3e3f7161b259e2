/** What one says of an item: a verdict of the scale, or an answer in the form of the queue's mode. */
import type { Margin, Verdict } from '../../src-shared/records/judgment'

export interface Saying {
  readonly verdict: Verdict | 'answer'
  readonly margin?: Margin
  readonly answer?: unknown
}

export const answerOf = (answer: unknown): Saying => ({ verdict: 'answer', answer })
export const skipped: Saying = { verdict: 'skip' }
export const allBad: Saying = { verdict: 'both-bad' }
