/**
 * Where the scores of a pair are compared: at the end of both texts, or at each token from the first in which their
 * completions differ (trlx, examples/summarize_rlhf; DeepSpeed-Chat).
 *
 * Departure from both: a text that has ended keeps the score of its end. They go on reading its padding, so that what
 * is compared there is what a model makes of padding.
 */
import type { ReadText } from '../model/reading'

/** Tokens of both texts, by index, whose scores are compared. */
export interface ComparedTokens {
  readonly better: number
  readonly worse: number
}

export const atEnd = (better: ReadText, worse: ReadText): readonly ComparedTokens[] => [
  { better: better.ids.length - 1, worse: worse.ids.length - 1 },
]

/** The last one is the end of both. @returns the end alone where no token of the completions differs */
export function fromFirstDifference(better: ReadText, worse: ReadText): readonly ComparedTokens[] {
  const [own, other] = [completionTokens(better), completionTokens(worse)]
  const longer = Math.max(own, other)
  let first = 0
  while (first < longer && tokenAt(better, first) === tokenAt(worse, first)) first++
  return Array.from({ length: Math.max(1, longer - first) }, (_, index) => ({
    better: indexOf(better, Math.min(first + index, longer - 1)),
    worse: indexOf(worse, Math.min(first + index, longer - 1)),
  }))
}

const completionTokens = ({ ids, promptTokens }: ReadText): number => ids.length - promptTokens
const tokenAt = ({ ids, promptTokens }: ReadText, index: number): number | undefined =>
  ids[promptTokens + index]
/** Of a token of the completion; of the last one where it has no more. */
const indexOf = (text: ReadText, index: number): number =>
  text.promptTokens + Math.max(0, Math.min(index, completionTokens(text) - 1))
