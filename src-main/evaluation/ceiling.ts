/** What no policy can pass: the most mean reward at each KL to the model that it is held to. */
import { klOfBestOfN } from '../maths/best-of-n'
import { mostRewardAt } from '../maths/gibbs'
import type { Interval } from '../maths/interval'
import { bestOfNLine, type BestOfN } from './best-of-n'
import { jackknifed } from './jackknife'

export interface CeilingPoint {
  /** Nats a text. */
  readonly kl: number
  readonly meanReward: number
  readonly ci95: { readonly meanReward: Interval }
}

const step = 0.25
const furthest = 8

/**
 * The ceiling at 0, ¼, ½ … nats, as far as the pool carries it.
 * @param rewards of independent completions of one policy, in the order drawn
 */
export function ceilingLine(rewards: readonly number[]): readonly CeilingPoint[] {
  const kls = Array.from({ length: furthest / step + 1 }, (_, index) => index * step)
  // each part of the jackknife must carry it, too
  const part = rewards.slice(Math.ceil(rewards.length / 20))
  return kls
    .filter((kl) => mostRewardAt(part, kl) !== undefined)
    .map((kl) => {
      const { value, interval } = jackknifed(rewards, (pool) => mostRewardAt(pool, kl) ?? NaN)
      return { kl, meanReward: value, ci95: { meanReward: interval } }
    })
}

/** The best-of-n line by its exact KL, in place of the bound, which ties make too large. */
export const exactBestOfNLine = (rewards: readonly number[]): readonly BestOfN[] =>
  bestOfNLine(rewards).map((point) => ({ ...point, kl: klOfBestOfN(rewards, point.n) }))
