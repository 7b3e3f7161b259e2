/** One completion, from very bad to very good, and labels beside it where the queue has some. */
import { z } from 'zod'
import type { LabelMode } from './mode'

export const labelsSchema = z.record(z.string().regex(/^[a-z_]{1,40}$/), z.number().min(0).max(1))

export const ratingAnswer = z.strictObject({
  rating: z.number().int().min(1).max(5),
  /** By their keys, 0 to 1. */
  labels: labelsSchema.optional(),
})
export type RatingAnswer = z.infer<typeof ratingAnswer>

/** From 1. */
export const ratingTitles = ['Very bad', 'Bad', 'Middling', 'Good', 'Very good'] as const

export const rating: LabelMode<RatingAnswer> = {
  title: 'Rating',
  doc: 'One completion from 1 to 5, with the thirteen labels of Open Assistant beside it if you want them.',
  unit: 'rating',
  writes: 1,
  kind: 'demonstrations',
  trains: {
    recipe: 'reward',
    input: 'ratings',
    label: 'Train a reward model on these',
  },
  answer: ratingAnswer,
  scale: 'ordinal',
  problem: () => undefined,
  examples: ({ prompt, candidates }, { rating: label }) => [{ prompt, completion: candidates[0]!, label }],
  opinions: (_, { rating: value }) => [{ about: 'rating', value }],
  text: ({ rating: value }) => String(value),
}
