/** An accuracy on what was held out, never without how many it is the share of and where it lies with 95 %. */
import { concordance, separatePairs } from '../maths/concordance'
import { shareWithInterval } from '../maths/interval'
import type { MetricValues } from './trainer'

/** @param right may count halves. Of none there is no accuracy */
export function heldOutAccuracy(right: number, count: number): MetricValues {
  if (count === 0) return {}
  const { share, interval } = shareWithInterval(right, count)
  return {
    'accuracy/held-out': share,
    'accuracy/held-out-count': count,
    'accuracy/held-out-low': interval.low,
    'accuracy/held-out-high': interval.high,
  }
}

/**
 * The share of all pairs of different ratings that are in order. Such pairs share texts and are no sample of so many:
 * the share varies no more than one of `separatePairs` does (Hoeffding 1963, "Probability Inequalities", §5b), so
 * that many count.
 */
export function heldOutConcordance(scores: readonly number[], ratings: readonly number[]): MetricValues {
  const count = separatePairs(ratings)
  const share = concordance(scores, ratings)
  return count === 0 ? {} : { ...heldOutAccuracy(share * count, count), 'accuracy/held-out': share }
}
