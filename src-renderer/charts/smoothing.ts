/** The smoothed line of a chart. */
import type { Points } from './points'

/** The strengths that `[` and `]` step through: the weight of the past, 0 is off. */
export const smoothings = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99] as const

/** Shorter runs are smoothed less: what is left to see is shorter too. */
export function usualSmoothing(steps: number): number {
  if (steps <= 80) return 0.5
  return steps <= 400 ? 0.8 : 0.9
}

/**
 * An exponential moving average without the pull to zero of its first values.
 *
 *   mₙ = w · mₙ₋₁ + (1 − w) · xₙ        ŝₙ = mₙ / (1 − wⁿ)
 *
 * Source: Kingma & Ba 2015, "Adam", §3 (bias correction). A value that is not a number leaves a gap and moves
 * nothing. What was smoothed before is kept: a call only works through the points that are new since the last
 * one.
 *
 * @param weight w, 0 ≤ w < 1, no unit
 */
export function smoother(weight: number): (points: Points) => Points {
  let values = new Float64Array(0)
  let done = 0
  let revision = -1
  let mean = 0
  let debias = 1 // wⁿ

  return (points) => {
    if (weight === 0) return points
    if (points.revision !== revision || points.length < done) {
      done = 0
      mean = 0
      debias = 1
      revision = points.revision
    }
    if (values.length < points.length) values = enlarged(values, points.values.length)
    for (; done < points.length; done++) {
      const value = points.values[done] ?? NaN
      if (!Number.isFinite(value)) {
        values[done] = NaN
        continue
      }
      mean = weight * mean + (1 - weight) * value
      debias *= weight
      values[done] = mean / (1 - debias)
    }
    return { steps: points.steps, values, length: points.length, revision: points.revision }
  }
}

function enlarged(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length)
  larger.set(values)
  return larger
}
