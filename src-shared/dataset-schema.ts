/** What a dataset is to be read as and where it is fetched from, as the contract takes it. */
import { z } from 'zod'
import { datasetKinds } from './records/dataset'

const name = z.string().trim().min(1, 'must not be empty').max(120, 'is longer than 120 characters')

/** What a file is to be read as, where it does not say so itself. */
export const readingWish = {
  kind: z.enum(datasetKinds).optional(),
  columns: z.record(z.string().max(100), z.string().min(1).max(1000)).optional(),
  cut: z
    .string()
    .max(200)
    .regex(/^(?:lines|whole|blank-lines|marker:[\s\S]+)$/, 'must be lines, whole, blank-lines or marker:TEXT')
    .optional(),
}

/** As a person types it: hf:OWNER/NAME, with what belongs to it. */
export const hubAddress = z.string().trim().min(1, 'must not be empty').max(500)
export const fetched = { address: hubAddress, name: name.optional() }

/** Which of a dataset's rows are meant. */
export const filter = z.strictObject({
  search: z.string().max(1000),
  source: z.string().optional(),
  label: z.number().optional(),
  flaggedOnly: z.boolean().optional(),
  tag: z.string().max(200).optional(),
  isExcluded: z.boolean().optional(),
  minCharacters: z.number().int().min(0).optional(),
  maxCharacters: z.number().int().min(0).optional(),
})
