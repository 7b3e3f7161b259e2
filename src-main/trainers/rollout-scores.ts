/** What rewards say of drawn completions and of samples. */
import { rewardSources } from '../../src-shared/rewards/rewards'
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

/**
 * @param groupSize completions of one prompt that stand one after another
 * @param inParts   whether rewards that are made of parts are asked for those
 * @throws RewardFailure when a reward fails or is no finite number: nothing is learned from it
 */
export const scoresOfDrawn = (
  terms: readonly OpenTerm[],
  drawn: readonly Drawn[],
  { groupSize = 1, inParts = false } = {},
): Promise<Scores> =>
  scoresOf(
    terms,
    completionsOf(drawn).map((each, index) => ({
      ...textOf(each),
      ...(groupSize > 1 && { group: Math.floor(index / groupSize) }),
    })),
    { inParts },
  )

/**
 * Scores of ours, and of theirs to the same prompts, each beside the other.
 * @throws Error as `scoresOfDrawn`
 */
export async function scoresSideBySide(
  terms: readonly OpenTerm[],
  ours: readonly Completion[],
  theirs: readonly Completion[],
): Promise<readonly [ours: Scores, theirs: Scores]> {
  const inPairs = (completions: readonly Completion[]): readonly ScoredText[] =>
    completions.map((each, group) => ({ ...textOf(each), group }))
  const both = await scoresOf(terms, [...inPairs(ours), ...inPairs(theirs)])
  const { said, ...theirScores } = slicedScores(both, ours.length, ours.length + theirs.length)
  return [{ ...slicedScores(both, 0, ours.length), ...(said && { said }) }, theirScores]
}

export const slicedScores = (
  { reward, judged, terms, said }: Scores,
  start: number,
  end: number,
): Scores => ({
  reward: reward.slice(start, end),
  ...(judged && { judged: judged.slice(start, end) }),
  terms: terms.map((term) => ({ ...term, scores: term.scores.slice(start, end) })),
  ...(said && { said }),
})

export const completionsOf = (drawn: readonly Drawn[]): readonly Completion[] =>
  drawn.map(({ completion }) => completion)

/** Rewards less the penalty of those that did not end. */
export const penalised = (
  rewards: readonly number[],
  completions: readonly Pick<Completion, 'hasEnded'>[],
  noEndPenalty: number,
): number[] => rewards.map((reward, index) => reward - (completions[index]?.hasEnded ? 0 : noEndPenalty))

/** Samples with what the rewards say of them; nobody outside is asked for what is only looked at. */
export async function scoredSamples(
  samples: readonly TrainerSample[],
  terms: readonly OpenTerm[],
): Promise<readonly TrainerSample[]> {
  const own = terms.filter(({ source }) => !rewardSources[source].isAsked)
  const isWhole = terms.every((term) => term.weight === 0 || own.includes(term))
  const { reward, judged } = await scoresOf(own, samples)
  return samples.map((sample, index) => ({
    ...sample,
    ...(isWhole && { reward: reward[index] as number }),
    ...(judged && { judge: judged[index] as number }),
  }))
}
