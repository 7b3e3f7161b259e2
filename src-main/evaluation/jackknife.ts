/** The uncertainty of a number that belongs to a whole set, such as distinct-2. */
import type { Interval } from '../maths/interval'

/** Groups that are left out in turn. */
const groups = 25
/** 97.5 % of Student's t with 24 degrees of freedom lies below. */
const t24 = 2.0639

/**
 * A statistic with its 95 % interval by the delete-a-group jackknife.
 *
 *   s² = (g − 1)/g · Σᵢ (θ₍ᵢ₎ − θ̄)²,   θ₍ᵢ₎ the statistic without group i
 *
 * Source: Shao & Tu 1995, "The Jackknife and Bootstrap", §2.3; Kott 2001 for t with g − 1 degrees of freedom.
 * A bootstrap would repeat texts, which distinct-2 counts as repetition.
 *
 * @param items in random order, at least one for each of the 25 groups
 */
export function jackknifed<T>(
  items: readonly T[],
  statistic: (items: readonly T[]) => number,
): { readonly value: number; readonly interval: Interval } {
  if (items.length < groups)
    throw new RangeError(`${items.length} texts are too few for an interval: at least ${groups} are needed`)
  const value = statistic(items)
  const without = Array.from({ length: groups }, (_, group) =>
    statistic(items.filter((__, place) => place % groups !== group)),
  )
  const mean = without.reduce((sum, each) => sum + each, 0) / groups
  const half =
    t24 * Math.sqrt(((groups - 1) / groups) * without.reduce((sum, each) => sum + (each - mean) ** 2, 0))
  return { value, interval: { low: value - half, high: value + half } }
}
