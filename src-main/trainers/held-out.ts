/**
 * Examples that are never trained on: drawn once by the run's seed, so that a resumed run holds out the same
 * ones.
 */
import { seeded, shuffled } from '../maths/random'

export interface Split<T> {
  readonly trained: readonly T[]
  readonly heldOut: readonly T[]
}

/**
 * Splits examples at random. At least one example is trained on; a positive share of two or more examples
 * holds out at least one.
 *
 * @param fraction share that is held out, 0 … 0.5
 */
export function splitHeldOut<T>(examples: readonly T[], fraction: number, seed: number): Split<T> {
  const count = heldOutCount(examples.length, fraction)
  const isHeldOut = new Set(shuffled(examples.length, seeded(seed, 'held-out')).subarray(0, count))
  return {
    trained: examples.filter((_, index) => !isHeldOut.has(index)),
    heldOut: examples.filter((_, index) => isHeldOut.has(index)),
  }
}

/** How many of so many examples are held out. */
export function heldOutCount(examples: number, fraction: number): number {
  const wanted = fraction === 0 ? 0 : Math.max(1, Math.round(examples * fraction))
  return Math.max(0, Math.min(wanted, examples - 1))
}
