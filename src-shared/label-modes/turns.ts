/** A conversation, turn by turn: each answer of the assistant, and the one just written, is good or bad. */
import { z } from 'zod'
import type { Prompt } from '../records/turn'
import { isConversation } from '../turn-texts'
import type { Judged, LabelMode } from './mode'

export const turnsAnswer = z.strictObject({
  /** By the number of the turn, from 0; those that are not named were not judged. */
  good: z.record(z.string().regex(/^\d{1,4}$/), z.boolean()),
})
export type TurnsAnswer = z.infer<typeof turnsAnswer>

export interface JudgedTurn {
  readonly index: number
  /** What stands before it. */
  readonly prompt: Prompt
  readonly text: string
}

/** The assistant's turns in order; the last is what was written now. */
export function judgedTurns({ prompt, candidates }: Judged): readonly JudgedTurn[] {
  if (!isConversation(prompt)) return [{ index: 0, prompt, text: candidates[0] ?? '' }]
  const before = prompt.turns
  const said = before.flatMap((turn, index): readonly JudgedTurn[] =>
    turn.role === 'assistant'
      ? [{ index, prompt: { ...prompt, turns: before.slice(0, index) }, text: turn.content }]
      : [],
  )
  return [...said, { index: before.length, prompt, text: candidates[0] ?? '' }]
}

export const turns: LabelMode<TurnsAnswer> = {
  title: 'Turn by turn',
  doc: 'Each answer in a conversation is good or bad, and the one just written, too.',
  unit: 'conversation',
  writes: 1,
  kind: 'demonstrations',
  trains: { recipe: 'kto', input: 'examples', label: 'Train with KTO on these' },
  answer: turnsAnswer,
  scale: 'nominal',
  problem: (judged, { good }) => {
    const known = new Set(judgedTurns(judged).map(({ index }) => String(index)))
    if (Object.keys(good).length === 0) return 'judges no turn'
    return Object.keys(good).every((index) => known.has(index))
      ? undefined
      : 'judges a turn that is not there'
  },
  examples: (judged, { good }) =>
    judgedTurns(judged).flatMap(({ index, prompt, text }) => {
      const isGood = good[String(index)]
      return isGood === undefined ? [] : [{ prompt, completion: text, label: Number(isGood) }]
    }),
  opinions: (_, { good }) =>
    Object.entries(good).map(([index, isGood]) => ({ about: index, value: Number(isGood) })),
  text: ({ good }) => {
    const all = Object.values(good)
    return `${all.filter(Boolean).length} of ${all.length} good`
  },
}
