/** What rewards say of drawn completions and of samples. */
import type { ScoredText } from '../rewards/reward'
import { scoresOf, type OpenTerm, type Scores } from '../rewards/terms'
import type { Completion } from '../model/writing/sequence'
import type { Drawn } from './rollout'
import type { TrainerSample } from './trainer'

const textOf = ({ prompt, text, hasEnded }: Completion): ScoredText => ({
  prompt,
  completion: text,
  hasEnded,
})

/** @throws Error in words, when a reward fails or is no finite number: nothing is learned from it */
export const scoresOfWritten = (
  terms: readonly OpenTerm[],
  completions: readonly Completion[],
): Promise<Scores> => scoresOf(terms, completions.map(textOf))

/** @throws Error as `scoresOfWritten` */
export const scoresOfDrawn = (terms: readonly OpenTerm[], drawn: readonly Drawn[]): Promise<Scores> =>
  scoresOfWritten(terms, completionsOf(drawn))

export const completionsOf = (drawn: readonly Drawn[]): readonly Completion[] =>
  drawn.map(({ completion }) => completion)

/** Rewards less the penalty of those that did not end. */
export const penalised = (
  rewards: readonly number[],
  completions: readonly Pick<Completion, 'hasEnded'>[],
  noEndPenalty: number,
): number[] => rewards.map((reward, index) => reward - (completions[index]?.hasEnded ? 0 : noEndPenalty))

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
