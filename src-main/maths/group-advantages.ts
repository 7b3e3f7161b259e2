/**
 * How much better a completion is than others, without a critic: by the rewards of the completions of one
 * prompt (its group), or of the whole rollout. One number a completion.
 */
import { moments } from './whiten'

/** What is added to a deviation, so that a group of equal rewards has advantages of 0 (TRL). */
const smallest = 1e-4

/**
 * r − mean of the group.
 * Source: Liu et al. 2025, "Understanding R1-Zero-Like Training" (Dr. GRPO), Eq. 2.
 * @param rewards of one group, any unit
 */
export const aboveGroupMean = (rewards: readonly number[]): number[] => {
  const { mean } = momentsOf(rewards)
  return rewards.map((reward) => reward - mean)
}

/**
 * (r − mean) / (s + 10⁻⁴), s with Bessel's correction; 0 for a group of one.
 * Source: Shao et al. 2024, "DeepSeekMath" (GRPO), §4.1.2; the constant as in TRL.
 * @param rewards of one group, any unit
 * @returns in deviations
 */
export const groupNormalised = (rewards: readonly number[]): number[] => {
  const { mean, variance } = momentsOf(rewards)
  return rewards.map((reward) => (reward - mean) / (Math.sqrt(variance) + smallest))
}

/**
 * rᵢ − mean of the others of its group: n/(n − 1) times as far from the mean.
 * Source: Ahmadian et al. 2024, "Back to Basics" (RLOO), Eq. 8; Kool et al. 2019.
 * @param rewards of one group of two or more, any unit
 */
export const aboveTheOthers = (rewards: readonly number[]): number[] => {
  const sum = rewards.reduce((total, reward) => total + reward, 0)
  return rewards.map((reward) => reward - (sum - reward) / (rewards.length - 1))
}

/** One reward of a run: what it said of each completion, and what it counts. */
export interface WeightedScores {
  readonly weight: number
  readonly scores: readonly number[]
}

/** Σ weight · score of each completion. */
export function weightedSums(terms: readonly WeightedScores[]): number[] {
  const first = terms[0]?.scores ?? []
  return first.map((_, index) =>
    terms.reduce((sum, { weight, scores }) => (weight === 0 ? sum : sum + weight * scores[index]!), 0),
  )
}

/**
 * Each reward normalised in its group, weighted and added, then normalised over the rollout: a reward of large
 * numbers does not drown the others.
 * Source: Liu et al. 2026, "GDPO: Group reward-Decoupled Normalization Policy Optimization", Eq. 4 to 7, as in TRL.
 * @param size completions of a group; groups stand one after another
 */
export function eachRewardNormalised(terms: readonly WeightedScores[], size: number): number[] {
  const normalised = terms.map(({ weight, scores }) => ({
    weight,
    scores: inGroups(scores, size).flatMap(groupNormalised),
  }))
  return groupNormalised(weightedSums(normalised))
}

/** Numbers of completions by their groups. */
export const inGroups = (values: readonly number[], size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, group) => values.slice(group * size, (group + 1) * size))

const momentsOf = (values: readonly number[]) =>
  moments(
    values,
    values.map(() => 1),
  )
