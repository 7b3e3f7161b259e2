/** What a way of training attains at a KL: the policies on its way, and mixtures of two of them. */

export interface Attained {
  /** Nats a text. */
  readonly kl: number
  readonly meanReward: number
}

/**
 * Mean reward at a KL, from measured policies. Whoever draws each text from one of two policies has the mean of their
 * rewards and at most the mean of their KLs (the KL is convex: Cover & Thomas 2006, Theorem 2.7.2): so what lies
 * straight between two of them can be had.
 *
 * @param policies the model started from among them, at KL 0
 * @returns undefined beyond the furthest policy
 */
export function rewardAttained(policies: readonly Attained[], kl: number): number | undefined {
  if (policies.every((policy) => policy.kl < kl)) return undefined
  const nearer = policies.filter((policy) => policy.kl <= kl)
  const further = policies.filter((policy) => policy.kl > kl)
  const between = nearer.flatMap((from) =>
    further.map(
      (to) => from.meanReward + ((to.meanReward - from.meanReward) * (kl - from.kl)) / (to.kl - from.kl),
    ),
  )
  return Math.max(...nearer.map(({ meanReward }) => meanReward), ...between)
}
