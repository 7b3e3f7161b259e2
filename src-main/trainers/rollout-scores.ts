/** What rewards say of drawn completions and of samples, and that they say numbers. */
import type { ScoredText } from '../rewards/reward'
import { scoresOf, type OpenTerm, type Scores } from '../rewards/terms'
import type { Drawn } from './rollout'
import { refuse } from './refuse'
import type { TrainerSample } from './trainer'

const textOf = ({ completion }: Drawn): ScoredText => ({
  prompt: completion.prompt,
  completion: completion.text,
  hasEnded: completion.hasEnded,
})

/** @throws StudioFailure when a reward is no number: nothing is learned from it */
export async function scoresOfDrawn(terms: readonly OpenTerm[], drawn: readonly Drawn[]): Promise<Scores> {
  const scores = await scoresOf(terms, drawn.map(textOf))
  for (const { source, weight, scores: numbers } of scores.terms) {
    const index = numbers.findIndex((score) => !Number.isFinite(score))
    if (index < 0 || weight === 0) continue
    const text = JSON.stringify(drawn[index]?.completion.text.slice(0, shownCharacters))
    refuse('rewards', `has a ${source} that says ${numbers[index]} of ${text}: a reward is a finite number`)
  }
  return scores
}

const shownCharacters = 80

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
