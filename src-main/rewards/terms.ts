/** A run's reward terms at work: each scores the same texts, and the policy learns from their weighted sum. */
import { rewardSources, type RewardSourceName } from '../../src-shared/rewards/rewards'
import type { RewardTerm } from '../../src-shared/rewards/terms'
import type { Engine } from '../compute/engine'
import type { Opening, ReadRewardModel, Reward, ScoredText } from './reward'
import { rewardRows } from './rewards'

/** Opens what a run's terms score with: its reward model, and each source. */
export interface TermOpener {
  rewardModel(input: string): Promise<ReadRewardModel>
  reward(source: RewardSourceName, opening: Opening): Reward
}

/** @param input the run's reward model, for the source that scores with one */
export async function openTerms(
  engine: Engine,
  terms: readonly RewardTerm[],
  given: TermOpener,
  input: string,
): Promise<readonly OpenTerm[]> {
  const open: OpenTerm[] = []
  for (const { source, weight, settings } of terms) {
    const model = rewardSources[source].checkpoint ? await given.rewardModel(input) : undefined
    const score = given.reward(source, { engine, settings, ...(model && { model }) })
    open.push({ source, weight, score })
  }
  return open
}

/** What the terms hold in memory beside the engine, in bytes: each source once. */
export const workspaceBytesOf = (terms: readonly RewardTerm[]): number =>
  [...new Set(terms.map(({ source }) => source))].reduce(
    (sum, source) => sum + rewardRows[source].workspaceBytes,
    0,
  )

export interface OpenTerm {
  readonly source: RewardSourceName
  /** 0: watched, trains nothing. */
  readonly weight: number
  readonly score: Reward
}

/** Scores of the same texts, each one number a text. */
export interface Scores {
  /** Σ weight · score over the terms. */
  readonly reward: readonly number[]
  /** Those of the first term that is only watched; undefined where none is. */
  readonly judged?: readonly number[]
  /** By term, before its weight. */
  readonly terms: readonly TermScores[]
}

export interface TermScores extends Pick<OpenTerm, 'source' | 'weight'> {
  readonly scores: readonly number[]
}

export async function scoresOf(terms: readonly OpenTerm[], texts: readonly ScoredText[]): Promise<Scores> {
  const scored: TermScores[] = []
  for (const { source, weight, score } of terms) scored.push({ source, weight, scores: await score(texts) })
  const judged = scored.find(({ weight }) => weight === 0)?.scores
  return {
    reward: texts.map((_, index) => weightedSum(scored, index)),
    terms: scored,
    ...(judged && { judged }),
  }
}

function weightedSum(terms: readonly TermScores[], index: number): number {
  let sum = 0
  for (const { weight, scores } of terms) if (weight !== 0) sum += weight * (scores[index] as number)
  return sum
}
