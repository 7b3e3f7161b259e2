/** What comes of drawing n completions and keeping the one with the highest reward. */

/**
 * Mean of a measure over the best of n, estimated without bias from N ≥ n scored completions: the average
 * over all subsets of n of the measure of their best, by order statistics instead of drawing subsets.
 *
 *   Σᵢ C(i − 1, n − 1) / C(N, n) · measureᵢ,   i = 1 … N in order of rising reward
 *
 * Source: Nakano et al. 2021, "WebGPT", App. I; the same weights as pass@k in Chen et al. 2021, Eq. 1.
 *
 * @param rewards   of N independent completions of one distribution
 * @param n         1 … N
 * @param measures  what is averaged over the kept ones, in any unit; the rewards themselves unless given. Of
 *   equal rewards each is as likely to be kept
 * @throws RangeError when n is not in 1 … N
 */
export function meanBestOfN(
  rewards: readonly number[],
  n: number,
  measures: readonly number[] = rewards,
): number {
  const count = rewards.length
  if (!Number.isInteger(n) || n < 1 || n > count)
    throw new RangeError(`the best of ${n} cannot be estimated from ${count}`)
  const order = rewards.map((_, i) => i).sort((a, b) => rewards[b]! - rewards[a]!)
  let mean = 0
  let weight = n / count // C(N − 1, n − 1) / C(N, n), of the highest
  for (let first = 0; first < count;) {
    let weights = 0
    let sum = 0
    let next = first
    for (; next < count && rewards[order[next]!] === rewards[order[first]!]; next++) {
      weights += weight
      sum += measures[order[next]!]!
      const i = count - next // rank from below, 1 the lowest
      weight *= i > 1 ? Math.max(0, i - n) / (i - 1) : 0 // C(i − 2, n − 1) / C(i − 1, n − 1)
    }
    mean += weights * (sum / (next - first))
    first = next
  }
  return mean
}

/**
 * Upper bound of KL(best of n ‖ the distribution drawn from): ln n − (n − 1)/n, nats.
 * Source: Stiennon et al. 2020, App. G.3; a bound, not the value, where rewards tie: Beirami et al. 2024.
 */
export const klBoundOfBestOfN = (n: number): number => Math.log(n) - (n - 1) / n

/**
 * KL(best of n ‖ the distribution drawn from), exactly for the distribution of rewards that was seen: the best of n
 * depends on the text through its reward alone, equal rewards being as likely to be kept as they were to be drawn.
 *
 *   KL = Σ_v p_v · ln(p_v / q_v),   q_v = F_v − F_v⁻,   p_v = F_vⁿ − F_v⁻ⁿ
 *
 * Source: Beirami et al. 2024, "Theoretical guarantees on the best-of-n alignment policy", Theorem 1, with ties. Where
 * many texts have one reward it lies far below the bound.
 *
 * @param rewards of independent completions, from which F is taken
 */
export function klOfBestOfN(rewards: readonly number[], n: number): number {
  const counts = new Map<number, number>()
  for (const reward of rewards) counts.set(reward, (counts.get(reward) ?? 0) + 1)
  let below = 0
  let kl = 0
  for (const [, count] of [...counts].sort(([a], [b]) => a - b)) {
    const upTo = below + count
    const kept = (upTo / rewards.length) ** n - (below / rewards.length) ** n
    if (kept > 0) kl += kept * Math.log((kept * rewards.length) / count)
    below = upTo
  }
  return Math.max(0, kl) // rounding
}
