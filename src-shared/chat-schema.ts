/** What a page says of a conversation with a checkpoint, checked as it arrives. */
import { z } from 'zod'
import { promptSchema } from './prompt-schema'
import { weightFormats } from './records/sample'
import { samplingSchema } from './sampling'

const id = z.string().min(1).max(100)
const text = z.string().max(1_000_000)

/** A completion, and what wrote it. */
export const said = z.strictObject({
  text,
  tokens: z.number().int().min(0),
  hasEnded: z.boolean(),
  checkpointId: id,
  sampling: samplingSchema,
})

/** What is to be written: `begun` stands already. */
export const chatShape = {
  checkpointId: id,
  prompt: promptSchema,
  begun: text.optional(),
  sampling: samplingSchema,
  weights: z.enum(weightFormats).optional(),
}
