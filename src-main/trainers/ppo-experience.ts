/** From what rewards say of a rollout to token rewards, advantages and returns. */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import { gae } from '../maths/gae'
import { deviationOf, withValues, type Moments } from '../maths/running-moments'
import { moments, spreadToOne, whiten } from '../maths/whiten'
import type { Tokenizer } from '../model/model'
import type { Scores } from '../rewards/terms'
import type { Experience } from './ppo-batch'
import type { Drawn } from './rollout'
import { rewardsAtTokens, type TokenReward } from './token-rewards'

/** What the updates on a rollout read, from what rewards say of it; `moments` are those of all rewards so far. */
export function experienceOf(
  drawn: readonly Drawn[],
  { reward, parts }: Scores,
  {
    moments: before,
    beta,
    tokenizer,
  }: { readonly moments: Moments; readonly beta: number; readonly tokenizer: Tokenizer },
  settings: PpoSettings,
): ReturnType<typeof withAdvantages> & { readonly moments: Moments } {
  const { moments, rewards, scaled } = scaledRewards(reward, before, settings)
  const placed =
    parts &&
    drawn.map(({ completion }, index) => {
      const own = (parts[index] ?? []).map((part) => ({ ...part, reward: scaled(part.reward) }))
      return rewardsAtTokens(tokenizer, completion, own)
    })
  return { ...withAdvantages(drawn, rewards, beta, settings, placed), moments }
}

/** Rewards in the unit that is learned, how any other is brought there, and the moments of all rewards so far. */
export function scaledRewards(
  rewards: readonly number[],
  before: Moments,
  { rewardScale, rewardClip }: PpoSettings,
): {
  readonly rewards: readonly number[]
  readonly scaled: (reward: number) => number
  readonly moments: Moments
} {
  const moments = withValues(before, rewards)
  const unit = rewardScale === 'running-deviation' ? deviationOf(moments) : 1
  const most = rewardClip > 0 ? rewardClip : Infinity
  const scaled = (reward: number): number => Math.min(most, Math.max(-most, reward / unit))
  return { moments, scaled, rewards: rewards.map(scaled) }
}

/**
 * Token rewards, then advantages by GAE, whitened over the real tokens of the rollout.
 * @param placed of each completion its reward at the tokens where it arises; absent: at the last one
 * @returns what advantages were multiplied by, too
 */
export function withAdvantages(
  drawn: readonly Drawn[],
  rewards: readonly number[],
  beta: number,
  settings: PpoSettings,
  placed?: readonly (readonly TokenReward[])[],
): { readonly experience: readonly Experience[]; readonly scale: number } {
  const given = drawn.map((each, index) => {
    const reward = { whole: rewards[index] as number, placed: placed?.[index] }
    return tokenRewards(each, reward, beta, settings)
  })
  const { tokens, scale } =
    settings.rewardScale === 'whitened-tokens' ? spread(given) : { tokens: given, scale: 1 }
  const raw = drawn.map((each, index) =>
    gae(tokens[index] as readonly number[], each.values, settings.gamma, settings.lambda),
  )
  const all = raw.flat()
  const everyToken = all.map(() => 1)
  const isWhitened = settings.whitenAdvantages === 'on'
  const used = isWhitened ? whiten(all, everyToken) : Float32Array.from(all)
  let start = 0
  const experience = drawn.map((each, index) => {
    const toTheEnd = gae(tokens[index] as readonly number[], each.values, settings.gamma, 1)
    return {
      ...each,
      advantages: used.subarray(start, (start += toTheEnd.length)),
      returns: Float32Array.from(toTheEnd, (advantage, t) => advantage + (each.values[t] as number)),
    }
  })
  const whitened = isWhitened ? 1 / Math.sqrt(moments(all, everyToken).variance + 1e-8) : 1
  return { experience, scale: scale * whitened }
}

/** All token rewards of a rollout with deviation 1, the mean as it is. */
function spread(given: readonly (readonly number[])[]) {
  const { values, scale } = spreadToOne(given.flat())
  let start = 0
  return { tokens: given.map(({ length }) => values.slice(start, (start += length))), scale }
}

/** The KL where it arises, and so the reward where that is known; else where the text ends. */
function tokenRewards(
  drawn: Drawn,
  { whole, placed }: { readonly whole: number; readonly placed: readonly TokenReward[] | undefined },
  beta: number,
  { klEstimator, noEndPenalty, withoutEnd }: PpoSettings,
): number[] {
  const { completion, logProbs } = drawn
  const kl = tokenKl(drawn, klEstimator)
  const rewards = Array.from(logProbs, (_, t) => -beta * kl(t))
  const isReplaced = !completion.hasEnded && withoutEnd === 'replaced'
  for (const { token, reward } of isReplaced ? [] : (placed ?? []))
    rewards[token] = (rewards[token] as number) + reward
  const atEnd = isReplaced || placed ? 0 : whole
  const earned = completion.hasEnded ? atEnd : atEnd - noEndPenalty
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
