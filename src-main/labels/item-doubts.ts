/** Has a queue's reward model look at what stands ahead, so that the least sure can come first. */
import { candidatesOf, type Comparison, type LabelQueue } from '../../src-shared/records/comparison'
import { pairUncertainty, rankingUncertainty, singleUncertainty } from '../maths/uncertainty'
import { keepUncertainty, unlookedAt } from '../store/asked-again'
import type { PairWriterOptions } from './pair-writer'

/** Items looked at together. */
const atOnce = 16

/** Nothing to do for a queue that is judged in the order in which it was made. */
export async function lookAhead(
  { db, warm, signal }: PairWriterOptions,
  { id, labelling: { order, scoredBy } }: LabelQueue,
): Promise<void> {
  if (order !== 'uncertain' || scoredBy === undefined) return
  for (;;) {
    const items = unlookedAt(db, id, atOnce)
    if (items.length === 0) return
    const texts = items.flatMap((item) =>
      candidatesOf(item).map(({ text, hasEnded }) => ({ prompt: item.prompt, completion: text, hasEnded })),
    )
    const heads = await warm.heads({ checkpointId: scoredBy, texts }, signal)
    if (signal.aborted) return
    keepUncertainty(db, uncertaintiesOf(items, heads))
  }
}

function uncertaintiesOf(items: readonly Comparison[], heads: readonly (readonly number[])[]) {
  const all = heads.flat()
  const usual = all.reduce((sum, score) => sum + score, 0) / all.length
  let first = 0
  return items.map((item) => {
    const scores = heads.slice(first, (first += candidatesOf(item).length))
    return { comparisonId: item.id, uncertainty: ofScores(scores, usual) }
  })
}

function ofScores(scores: readonly (readonly number[])[], usual: number): number {
  const [one = [], other] = scores
  if (other === undefined) return singleUncertainty(one, usual)
  return scores.length === 2 ? pairUncertainty(one, other) : rankingUncertainty(scores)
}
