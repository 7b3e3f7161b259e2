/** What rewards say of drawn completions and of samples. */
import type { ScoredText } from '../rewards/reward'
import { scoresOf, type OpenTerm, type Scores } from '../rewards/terms'
import type { Drawn } from './rollout'
import type { TrainerSample } from './trainer'

const textOf = ({ completion }: Drawn): ScoredText => ({
  prompt: completion.prompt,
  completion: completion.text,
  hasEnded: completion.hasEnded,
})

/** @throws Error in words, when a reward fails or is no finite number: nothing is learned from it */
export const scoresOfDrawn = (terms: readonly OpenTerm[], drawn: readonly Drawn[]): Promise<Scores> =>
  scoresOf(terms, drawn.map(textOf))

/** Rewards less the penalty of those that did not end. */
export const penalised = (
  rewards: readonly number[],
  drawn: readonly Drawn[],
  noEndPenalty: number,
): number[] => rewards.map((reward, index) => reward - (drawn[index]?.completion.hasEnded ? 0 : noEndPenalty))

/** Samples with what the rewards say of them. */
export async function scoredSamples(
  samples: readonly TrainerSample[],
  terms: readonly OpenTerm[],
): Promise<readonly TrainerSample[]> {
  const { reward, judged } = await scoresOf(terms, samples)
  return samples.map((sample, index) => ({
    ...sample,
    reward: reward[index] as number,
    ...(judged && { judge: judged[index] as number }),
  }))
}
