/**
 * From what rewards say of a rollout's groups to an advantage at each drawn token: a row for every way of
 * comparing.
 */
import type { GrpoSettings } from '../../src-shared/recipes/grpo'
import {
  aboveGroupMean,
  aboveTheOthers,
  eachRewardNormalised,
  groupNormalised,
  inGroups,
  weightedSums,
  type WeightedScores,
} from '../maths/group-advantages'
import { whiten } from '../maths/whiten'
import type { Drawn } from './rollout'

/** A completion with its advantage at each drawn token. */
export interface Compared extends Drawn {
  readonly advantages: Float32Array
}

interface Comparison {
  /** Of each completion, from the terms; groups of `size` stand one after another. */
  of(terms: readonly WeightedScores[], size: number): readonly number[]
  /**
   * Where the KL in the reward stands. Text: taken from the reward before it is compared. Token: at each token,
   * what is still to come of it.
   */
  readonly klAt: 'text' | 'token'
  /** Mean 0 and deviation 1 over the tokens of the rollout, at last. */
  readonly isWhitened?: true
  /** Whether one completion alone has nothing to be compared with. */
  readonly needsGroup: boolean
}

const byGroup =
  (compare: (rewards: readonly number[]) => number[]): Comparison['of'] =>
  (terms, size) =>
    inGroups(weightedSums(terms), size).flatMap(compare)

export const comparisons: Readonly<Record<GrpoSettings['advantage'], Comparison>> = {
  group: { of: byGroup(groupNormalised), klAt: 'text', needsGroup: true },
  'group-mean': { of: byGroup(aboveGroupMean), klAt: 'text', needsGroup: true },
  'leave-one-out': { of: byGroup(aboveTheOthers), klAt: 'text', needsGroup: true },
  'group-then-batch': { of: byGroup(aboveGroupMean), klAt: 'token', isWhitened: true, needsGroup: true },
  batch: { of: weightedSums, klAt: 'token', isWhitened: true, needsGroup: false },
  'each-reward': { of: eachRewardNormalised, klAt: 'text', needsGroup: true },
  none: { of: weightedSums, klAt: 'token', needsGroup: false },
}

export type ComparedBy = Pick<GrpoSettings, 'advantage' | 'groupSize' | 'klBeta' | 'klForm' | 'noEndPenalty'>

/** @param drawn groups of `groupSize` one after another, scored in that order */
export function comparedRollout(
  drawn: readonly Drawn[],
  { terms }: { readonly terms: readonly WeightedScores[] },
  { advantage, groupSize, klBeta, klForm, noEndPenalty }: ComparedBy,
): readonly Compared[] {
  const { of, klAt, isWhitened } = comparisons[advantage]
  const beta = klForm === 'reward' ? klBeta : 0
  const wholes = of(
    [
      ...terms,
      { weight: noEndPenalty, scores: drawn.map(({ completion }) => (completion.hasEnded ? 0 : -1)) },
      { weight: klAt === 'text' ? beta : 0, scores: drawn.map((each) => -(drifts(each)[0] ?? 0)) },
    ],
    groupSize,
  )
  const tokens = drawn.map((each, index) => {
    const toCome = drifts(each)
    const pull = klAt === 'token' ? beta : 0
    return toCome.map((drift) => (wholes[index] as number) - pull * drift)
  })
  const all = tokens.flat()
  const used = isWhitened
    ? whiten(
        all,
        all.map(() => 1),
      )
    : Float32Array.from(all)
  let start = 0
  return drawn.map((each, index) => ({
    ...each,
    advantages: used.subarray(start, (start += (tokens[index] as number[]).length)),
  }))
}

/** Σ log π − log π_ref from each token to the end, nats. */
function drifts({ logProbs, referenceLogProbs }: Drawn): number[] {
  const toCome = new Array<number>(logProbs.length)
  let sum = 0
  for (let t = logProbs.length - 1; t >= 0; t--) {
    sum += (logProbs[t] as number) - (referenceLogProbs[t] as number)
    toCome[t] = sum
  }
  return toCome
}
