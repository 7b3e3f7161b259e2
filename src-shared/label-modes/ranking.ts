/** Up to nine completions of one prompt in order: ties are allowed, and what one cannot place stays out. */
import { z } from 'zod'
import { mostCompletions } from '../records/labelling'
import { letterOf } from './letters'
import type { LabelMode } from './mode'
import { rankedPairs } from './ranked-pairs'

export const rankingAnswer = z.strictObject({
  /** Candidates by index, the best first; those of one group are tied. */
  groups: z
    .array(
      z
        .array(
          z
            .number()
            .int()
            .min(0)
            .max(mostCompletions - 1),
        )
        .min(1),
    )
    .max(mostCompletions),
})
export type RankingAnswer = z.infer<typeof rankingAnswer>

export const ranking: LabelMode<RankingAnswer> = {
  title: 'Ranking',
  doc: 'Up to nine completions of a prompt in order, ties allowed; what you cannot place stays out.',
  unit: 'ranking',
  writes: 'completions',
  kind: 'rankings',
  trains: { recipe: 'reward', input: 'rankings', label: 'Train a reward model on these' },
  answer: rankingAnswer,
  scale: 'nominal',
  problem: ({ candidates }, { groups }) => {
    const ranked = groups.flat()
    if (new Set(ranked).size < ranked.length) return 'ranks a completion twice'
    if (ranked.some((index) => index >= candidates.length)) return 'ranks a completion that is not there'
    return undefined
  },
  examples: ({ prompt, candidates }, { groups }) => {
    if (groups.length < 2) return []
    const scored = groups.flatMap((group, place) =>
      group.map((index) => ({ completion: candidates[index]!, score: groups.length - place })),
    )
    return [{ prompt, completion: scored[0]!.completion, candidates: scored }]
  },
  opinions: ({ candidates }, { groups }) =>
    candidates.flatMap((_, one) =>
      candidates.slice(one + 1).flatMap((_each, offset) => {
        const other = one + 1 + offset
        const value = comparedIn(groups, one, other)
        return value === undefined ? [] : [{ about: `${letterOf(one)}${letterOf(other)}`, value }]
      }),
    ),
  consensus: ({ candidates }, answers) => ({
    groups: rankedPairs(
      candidates.length,
      answers.map(({ groups }) => groups),
    ),
  }),
  text: ({ groups }) => groups.map((group) => group.map(letterOf).join(' = ')).join(' '),
}

/** 1 where one is better than the other, −1 where it is worse, 0 tied; undefined where one of them is not ranked. */
export function comparedIn(groups: RankingAnswer['groups'], one: number, other: number): number | undefined {
  const [ofOne, ofOther] = [one, other].map((index) => groups.findIndex((group) => group.includes(index)))
  if (ofOne === -1 || ofOther === -1) return undefined
  return Math.sign(ofOther! - ofOne!)
}

/** How many pairs of a better and a worse completion an order says. */
export function pairsIn(groups: RankingAnswer['groups']): number {
  let above = 0
  let pairs = 0
  for (const group of groups) {
    pairs += above * group.length
    above += group.length
  }
  return pairs
}
