/**
 * The median stopping rule: whether a trial of a sweep is so far behind the others that it is not worth going on.
 *
 *   stop x at step s  ⇔  max_{t ≤ s} o_x(t)  <  median over x′ ≠ x that reached s of  mean_{g ≤ t ≤ s} o_x′(t)
 *
 * with min and > where lower is better. Source: Golovin et al. 2017, "Google Vizier: A Service for Black-Box
 * Optimization", §3.2.2. As in Ray Tune's MedianStoppingRule, a trial counts for the others once it has reached s,
 * whether it has ended or not, and what it measured before the first steps g are over counts in no mean.
 */

/** One metric of one trial: steps ascend, values as they were measured at them. */
export interface Course {
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

export interface MedianRule {
  readonly better: 'higher' | 'lower'
  /** No trial is stopped before it, and no mean begins before it: updates. */
  readonly afterStep: number
  /** How many others must have reached a step before anything is stopped at it. */
  readonly leastOthers: number
}

export interface Behind {
  readonly step: number
  /** The best that the trial measured by then. */
  readonly best: number
  /** Of the others' means until then. */
  readonly median: number
  readonly others: number
}

/** @returns by what the trial is behind at its newest step; undefined while it may go on */
export function behindMedian(
  own: Course,
  others: readonly Course[],
  { better, afterStep, leastOthers }: MedianRule,
): Behind | undefined {
  const step = own.steps.at(-1)
  if (step === undefined || step < afterStep) return undefined
  const means = others
    .filter((other) => (other.steps.at(-1) ?? -1) >= step)
    .map((other) => meanBetween(other, afterStep, step))
    .filter(Number.isFinite)
  if (means.length < Math.max(1, leastOthers)) return undefined
  const median = medianOf(means)
  const best = own.values.reduce((a, b) => (better === 'higher' ? Math.max(a, b) : Math.min(a, b)))
  const isBehind = better === 'higher' ? best < median : best > median
  return isBehind ? { step, best, median, others: means.length } : undefined
}

/** NaN where nothing was measured there. */
function meanBetween({ steps, values }: Course, from: number, to: number): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < steps.length && steps[i]! <= to; i++) {
    if (steps[i]! < from) continue
    sum += values[i]!
    count++
  }
  return sum / count
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}
