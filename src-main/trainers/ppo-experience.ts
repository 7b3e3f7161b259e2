/** From what rewards say of a rollout to token rewards, advantages and returns. */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import { gae } from '../maths/gae'
import { deviationOf, withValues, type Moments } from '../maths/running-moments'
import { moments, whiten } from '../maths/whiten'
import type { Experience } from './ppo-batch'
import type { Drawn } from './rollout'

/** Rewards in the unit that is learned, and the moments of all rewards so far. */
export function scaledRewards(
  rewards: readonly number[],
  before: Moments,
  { rewardScale, rewardClip }: PpoSettings,
): { readonly rewards: readonly number[]; readonly moments: Moments } {
  const moments = withValues(before, rewards)
  const unit = rewardScale === 'as-given' ? 1 : deviationOf(moments)
  const most = rewardClip > 0 ? rewardClip : Infinity
  return { moments, rewards: rewards.map((each) => Math.min(most, Math.max(-most, each / unit))) }
}

/**
 * Token rewards, then advantages by GAE, whitened over the real tokens of the rollout.
 * @returns what advantages were multiplied by, too
 */
export function withAdvantages(
  drawn: readonly Drawn[],
  rewards: readonly number[],
  beta: number,
  settings: PpoSettings,
): { readonly experience: readonly Experience[]; readonly scale: number } {
  const tokens = drawn.map((each, index) => tokenRewards(each, rewards[index] as number, beta, settings))
  const raw = drawn.map((each, index) =>
    gae(tokens[index] as number[], each.values, settings.gamma, settings.lambda),
  )
  const all = raw.flat()
  const everyToken = all.map(() => 1)
  const isWhitened = settings.whitenAdvantages === 'on'
  const used = isWhitened ? whiten(all, everyToken) : Float32Array.from(all)
  let start = 0
  const experience = drawn.map((each, index) => {
    const toTheEnd = gae(tokens[index] as number[], each.values, settings.gamma, 1)
    return {
      ...each,
      advantages: used.subarray(start, (start += toTheEnd.length)),
      returns: Float32Array.from(toTheEnd, (advantage, t) => advantage + (each.values[t] as number)),
    }
  })
  return { experience, scale: isWhitened ? 1 / Math.sqrt(moments(all, everyToken).variance + 1e-8) : 1 }
}

/** The KL where it arises, the reward where the text ends. */
function tokenRewards(
  drawn: Drawn,
  reward: number,
  beta: number,
  { klEstimator, noEndPenalty, withoutEnd }: PpoSettings,
): number[] {
  const { completion, logProbs } = drawn
  const kl = tokenKl(drawn, klEstimator)
  const rewards = Array.from(logProbs, (_, t) => -beta * kl(t))
  const earned = completion.hasEnded ? reward : (withoutEnd === 'replaced' ? 0 : reward) - noEndPenalty
  rewards[rewards.length - 1] = (rewards.at(-1) ?? 0) + earned
  return rewards
}

/**
 * The KL of token t. Sampled: at the drawn token (Ziegler et al. 2019, Eq. 2). Exact: at the state the token
 * leads to; the KL at the token's own state does not depend on what was drawn there and has its gradient in
 * the loss.
 */
function tokenKl(
  { logProbs, referenceLogProbs, kl, klDrawn }: Drawn,
  estimator: PpoSettings['klEstimator'],
): (t: number) => number {
  if (estimator === 'exact') return (t) => kl[t + 1] ?? 0
  if (estimator === 'exact-drawn') return (t) => klDrawn[t + 1] ?? 0
  if (estimator !== 'sampled') return () => 0 // it stands in the loss
  return (t) => (logProbs[t] as number) - (referenceLogProbs[t] as number)
}
