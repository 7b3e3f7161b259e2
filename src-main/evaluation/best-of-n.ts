/**
 * What a policy reaches by drawing n completions and keeping the best: the line every trained policy is held
 * against.
 */
import { klBoundOfBestOfN, meanBestOfN } from '../maths/best-of-n'
import { jackknifed } from './jackknife'
import type { Interval } from '../maths/interval'

export interface BestOfN {
  readonly n: number
  /** Upper bound of the KL to the policy itself, nats a text. */
  readonly kl: number
  readonly meanReward: number
  readonly ci95: { readonly meanReward: Interval }
}

/**
 * The line at n = 1, 2, 4 … 512, as far as an eighth of the pool: beyond it the estimate hangs on a few
 * texts.
 * @param rewards of independent completions of one policy, in the order drawn
 */
export function bestOfNLine(rewards: readonly number[]): readonly BestOfN[] {
  const ns = Array.from({ length: 10 }, (_, power) => 2 ** power).filter((n) => 8 * n <= rewards.length)
  return ns.map((n) => {
    const { value, interval } = jackknifed(rewards, (pool) => meanBestOfN(pool, n))
    return { n, kl: klBoundOfBestOfN(n), meanReward: value, ci95: { meanReward: interval } }
  })
}

/**
 * Mean reward on the best-of-n line at a KL, straight between its points.
 * @returns undefined beyond the line's end: nothing is known there
 */
export function rewardOnLine(line: readonly BestOfN[], kl: number): number | undefined {
  const after = line.findIndex((point) => point.kl >= kl)
  const [from, to] = [line[after - 1], line[after]]
  if (!to) return undefined
  if (!from) return to.meanReward
  return from.meanReward + ((to.meanReward - from.meanReward) * (kl - from.kl)) / (to.kl - from.kl)
}
