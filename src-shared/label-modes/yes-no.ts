/** One completion: good or bad, and labels beside it where the queue has some. */
import { z } from 'zod'
import type { LabelMode } from './mode'
import { labelsSchema } from './rating'

export const yesNoAnswer = z.strictObject({ isGood: z.boolean(), labels: labelsSchema.optional() })
export type YesNoAnswer = z.infer<typeof yesNoAnswer>

export const yesNo: LabelMode<YesNoAnswer> = {
  title: 'Yes or no',
  doc: 'One completion: good or bad. The quickest way; KTO learns from it.',
  unit: 'verdict',
  writes: 1,
  kind: 'demonstrations',
  trains: { recipe: 'kto', input: 'examples', label: 'Train with KTO on these' },
  answer: yesNoAnswer,
  scale: 'nominal',
  problem: () => undefined,
  examples: ({ prompt, candidates }, { isGood }) => [
    { prompt, completion: candidates[0]!, label: Number(isGood) },
  ],
  opinions: (_, { isGood }) => [{ about: 'verdict', value: Number(isGood) }],
  text: ({ isGood }) => (isGood ? 'good' : 'bad'),
}
