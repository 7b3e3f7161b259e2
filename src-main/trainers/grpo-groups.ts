/**
 * A rollout of groups: several completions of each prompt, with what the rewards say of them. Groups whose
 * rewards are all the same teach nothing; they are counted and, if asked for, drawn again for other prompts.
 */
import type { Prompt } from '../../src-shared/records/turn'
import type { GrpoSettings } from '../../src-shared/recipes/grpo'
import { seedOf } from '../maths/random'
import type { Sampling } from '../model/writing/generation'
import type { OpenTerm, Scores } from '../rewards/terms'
import { firstPass, indicesOf } from './order'
import type { Roller } from './roller'
import type { Drawn } from './rollout'
import { scoresOfDrawn, slicedScores } from './rollout-scores'

export type GroupSettings = Pick<GrpoSettings, 'groups' | 'groupSize' | 'dynamicSampling' | 'seed'>

export interface Groups {
  /** Groups of `groupSize` one after another. */
  readonly drawn: readonly Drawn[]
  readonly scores: Scores
  /** Share of the groups that were drawn whose completions all had the same reward. */
  readonly equal: number
}

/** Rounds of drawing at most, the first among them. */
const mostRounds = 4

interface Drawing {
  readonly roller: Roller
  readonly prompts: readonly Prompt[]
  readonly rewards: readonly OpenTerm[]
  readonly sampling: Omit<Sampling, 'seed'>
  /** Completions of an update that first learns from them, where all of a rollout are learned from. */
  readonly updateRows?: number
}

/** @param step rollouts done before */
export async function drawGroups(drawing: Drawing, step: number, settings: GroupSettings): Promise<Groups> {
  const rounds: Groups[] = []
  do {
    rounds.push(await drawRound(drawing, step, rounds.length, settings))
    if (settings.dynamicSampling === 'off') break
  } while (rounds.length < mostRounds && mixedIn(rounds, settings) < settings.groups)
  const equal = rounds.reduce((sum, round) => sum + round.equal, 0) / rounds.length
  if (settings.dynamicSampling === 'off' || mixedIn(rounds, settings) === 0)
    return { ...(rounds[0] as Groups), equal }
  return { ...mixedOf(rounds, settings), equal }
}

async function drawRound(
  { roller, prompts, rewards, sampling, updateRows }: Drawing,
  step: number,
  round: number,
  { groups, groupSize, seed }: GroupSettings,
): Promise<Groups> {
  // each prompt in turn, in an order of its own; a further round of a rollout draws from an order of its own, too
  const order = round === 0 ? seed : seedOf(seed, 'round', round)
  const asked = indicesOf(prompts.length, groups, step, order).flatMap((index) =>
    new Array<Prompt>(groupSize).fill(prompts[index] as Prompt),
  )
  const draws = round === 0 ? seedOf(seed, 'rollout', step) : seedOf(seed, 'rollout', step, round)
  const updates = updateRows === undefined ? undefined : firstPass(asked.length, updateRows, step, seed)
  const drawn = await roller.roll(asked, { ...sampling, seed: draws }, updates)
  const scores = await scoresOfDrawn(rewards, drawn, { groupSize })
  return { drawn, scores, equal: equalGroups(scores, groupSize).length / groups }
}

/** Where groups begin whose rewards are all the same; one alone is no group. */
function equalGroups({ reward }: Scores, size: number): readonly number[] {
  if (size === 1) return []
  return starts(reward.length, size).filter((start) =>
    reward.slice(start, start + size).every((each) => each === reward[start]),
  )
}

const starts = (count: number, size: number): readonly number[] =>
  Array.from({ length: count / size }, (_, group) => group * size)

const mixedIn = (rounds: readonly Groups[], { groupSize }: GroupSettings): number =>
  rounds.reduce(
    (sum, { drawn, scores }) => sum + drawn.length / groupSize - equalGroups(scores, groupSize).length,
    0,
  )

/** The groups of different rewards, at most as many as a rollout has. */
function mixedOf(
  rounds: readonly Groups[],
  { groups, groupSize }: GroupSettings,
): Pick<Groups, 'drawn' | 'scores'> {
  const kept = rounds
    .flatMap(({ drawn, scores }) => {
      const equal = new Set(equalGroups(scores, groupSize))
      return starts(drawn.length, groupSize)
        .filter((start) => !equal.has(start))
        .map((start) => ({ drawn: drawn.slice(start, start + groupSize), scores, start }))
    })
    .slice(0, groups)
  const parts = kept.map(({ scores, start }) => slicedScores(scores, start, start + groupSize))
  return { drawn: kept.flatMap(({ drawn }) => drawn), scores: joinedScores(parts) }
}

/** @param parts not empty, of the same terms */
function joinedScores(parts: readonly Scores[]): Scores {
  const [first] = parts as [Scores]
  return {
    reward: parts.flatMap(({ reward }) => reward),
    ...(first.said && { said: first.said }),
    ...(first.judged && { judged: parts.flatMap(({ judged = [] }) => judged) }),
    terms: first.terms.map((term, index) => ({
      ...term,
      scores: parts.flatMap(({ terms }) => terms[index]?.scores ?? []),
    })),
  }
}
