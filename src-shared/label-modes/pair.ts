/** Two completions of one prompt: which is better, and by how much. Its verdicts are kept in columns of their own. */
import { z } from 'zod'
import type { LabelMode } from './mode'

export const pairAnswer = z.strictObject({
  verdict: z.enum(['left', 'right', 'tie', 'both-bad', 'skip']),
  margin: z.enum(['better', 'slightly']).optional(),
})
export type PairAnswer = z.infer<typeof pairAnswer>

/** What two people can say the same of; how much better is left out, and a skip says nothing. */
const values = { left: 1, tie: 0, right: -1, 'both-bad': 2, skip: undefined } as const

export const pair: LabelMode<PairAnswer> = {
  title: 'Pair',
  doc: 'Two completions of a prompt: which is better, in five steps.',
  unit: 'judgment',
  writes: 2,
  kind: 'preferences',
  trains: { recipe: 'reward', input: 'pairs', label: 'Train a reward model on these' },
  answer: pairAnswer,
  scale: 'nominal',
  problem: (_, { verdict, margin }) =>
    margin !== undefined && verdict !== 'left' && verdict !== 'right'
      ? `margin has no meaning with the verdict ${verdict}`
      : undefined,
  examples: ({ prompt, candidates: [left, right] }, { verdict, margin }) => {
    if (verdict !== 'left' && verdict !== 'right') return []
    const [completion, rejected] = verdict === 'left' ? [left!, right!] : [right!, left!]
    return [{ prompt, completion, rejected, ...(margin && { margin }) }]
  },
  opinions: (_, { verdict }) => {
    const value = values[verdict]
    return value === undefined ? [] : [{ about: 'verdict', value }]
  },
  text: ({ verdict, margin }) => `${margin === 'slightly' ? 'slightly ' : ''}${verdict.replace('-', ' ')}`,
}
