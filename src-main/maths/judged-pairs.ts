/** Pairs from completions whose rewards are known. */

export interface JudgedPair {
  readonly chosen: number
  readonly rejected: number
}

/**
 * The best and the worst of each group, the first of equals, as indices; no pair of a group whose rewards are all the
 * same: a tie says nothing.
 * @param rewards of groups of `size` one after another
 */
export function bestAgainstWorst(rewards: readonly number[], size: number): JudgedPair[] {
  const pairs: JudgedPair[] = []
  for (let start = 0; start < rewards.length; start += size) {
    const group = rewards.slice(start, start + size)
    const most = Math.max(...group)
    const least = Math.min(...group)
    if (most > least)
      pairs.push({ chosen: start + group.indexOf(most), rejected: start + group.indexOf(least) })
  }
  return pairs
}
