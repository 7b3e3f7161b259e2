/** What people say of an example so that it is found again, or not learned from. */
import { z } from 'zod'
import { longestTag } from './run-marks'

/** Only what was said is present. */
export interface ExampleMarks {
  /** Nothing is trained on it, and no prompt is taken from it. */
  readonly isExcluded?: true
  readonly tags?: readonly string[]
}

/** So many examples are marked at once. */
export const mostExamplesMarked = 1000
export const mostTags = 20

export const exampleTag = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(longestTag, `is longer than ${longestTag} characters`)

/** One example with what is to be said of it; what is absent stays as it is. */
export const exampleMark = z.strictObject({
  exampleId: z.number().int().min(1),
  isExcluded: z.boolean().optional(),
  tags: z.array(exampleTag).max(mostTags, `are more than ${mostTags}`).optional(),
})
export interface ExampleMark {
  readonly exampleId: number
  readonly isExcluded?: boolean | undefined
  readonly tags?: readonly string[] | undefined
}

const edited = z.string().max(1_000_000, 'is longer than a million characters')

/** Texts of an example as they are to stand from now on; what is absent stays as it is. */
export const exampleEdit = z.strictObject({
  exampleId: z.number().int().min(1),
  prompt: edited.optional(),
  completion: edited.optional(),
  rejected: edited.optional(),
})
export interface ExampleEdit {
  readonly exampleId: number
  readonly prompt?: string | undefined
  readonly completion?: string | undefined
  readonly rejected?: string | undefined
}
