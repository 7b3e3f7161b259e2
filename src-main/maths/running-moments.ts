/** Mean and deviation of all numbers so far, from some at a time. */

export interface Moments {
  readonly count: number
  readonly mean: number
  /** Σ (x − mean)². */
  readonly squares: number
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0 }

/**
 * Those of both together: Chan, Golub & LeVeque 1979, Eq. 2.1, which loses nothing where the mean is large.
 * @param values further numbers
 */
export function withValues({ count, mean, squares }: Moments, values: readonly number[]): Moments {
  if (values.length === 0) return { count, mean, squares }
  const more = values.length
  const theirs = values.reduce((sum, each) => sum + each, 0) / more
  const all = count + more
  const apart = theirs - mean
  return {
    count: all,
    mean: mean + (apart * more) / all,
    squares:
      squares +
      values.reduce((sum, each) => sum + (each - theirs) ** 2, 0) +
      (apart ** 2 * count * more) / all,
  }
}

/** √(Σ (x − mean)² / (n − 1)); 1 where all are the same, so that dividing by it changes nothing. */
export function deviationOf({ count, squares }: Moments): number {
  return count > 1 && squares > 0 ? Math.sqrt(squares / (count - 1)) : 1
}
