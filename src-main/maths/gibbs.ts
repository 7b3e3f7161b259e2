/** The policy with the most reward at a KL: the one it is held to, tilted by e^(reward / temperature). */

export interface Tilted {
  /** Mean reward, in the rewards' unit. */
  readonly meanReward: number
  /** KL(tilted ‖ the distribution drawn from), nats a text. */
  readonly kl: number
}

/**
 * Reward and KL of π·e^(r/b)/Z, estimated from M independent completions of π:
 *
 *   wᵢ = e^(rᵢ/b) / Σⱼ e^(rⱼ/b),   R = Σ wᵢ·rᵢ,   KL = R/b − ln Z,   Z = mean e^(r/b)
 *
 * No policy has more reward at the same KL (the Gibbs variational principle: Donsker & Varadhan 1983; as the optimum
 * of RLHF: Korbak et al. 2022, Eq. 3). A KL beyond ln M − 2 hangs on a few of the completions.
 *
 * @param rewards     of independent completions of π, at least one
 * @param temperature b > 0, in the rewards' unit: what a nat is worth
 */
export function tilted(rewards: readonly number[], temperature: number): Tilted {
  const highest = rewards.reduce((most, each) => Math.max(most, each), -Infinity)
  const weights = rewards.map((reward) => Math.exp((reward - highest) / temperature))
  const total = weights.reduce((sum, each) => sum + each, 0)
  const meanReward = weights.reduce((sum, weight, i) => sum + weight * rewards[i]!, 0) / total
  const logZ = highest / temperature + Math.log(total / rewards.length)
  return { meanReward, kl: Math.max(0, meanReward / temperature - logZ) }
}

/** Halvings of the range of log temperatures: more digits than a float has. */
const halvings = 60

/**
 * The most reward at a KL: that of the tilted policy whose KL it is.
 * @param kl 0 or more, nats a text
 * @returns undefined where the completions are too few to know (beyond ln M − 2), or no policy goes so far
 */
export function mostRewardAt(rewards: readonly number[], kl: number): number | undefined {
  const spread = Math.max(...rewards) - Math.min(...rewards)
  if (kl === 0) return tilted(rewards, Math.max(1, 1e9 * spread)).meanReward
  if (kl > Math.log(rewards.length) - 2 || spread === 0) return undefined
  let [cold, hot] = [Math.log(spread * 1e-4), Math.log(spread * 1e6)]
  if (tilted(rewards, Math.exp(cold)).kl < kl) return undefined
  for (let i = 0; i < halvings; i++) {
    const middle = (cold + hot) / 2
    if (tilted(rewards, Math.exp(middle)).kl > kl) cold = middle
    else hot = middle
  }
  return tilted(rewards, Math.exp(hot)).meanReward
}
