/** A prompt that comes from a page: a text or a conversation, checked as it arrives. */
import { z } from 'zod'
import type { Prompt } from './records/turn'

const text = z.string().max(100_000)
const name = z.string().max(200)
const toolCall = z.strictObject({ id: name.optional(), name, arguments: z.json() })
const turn = z.strictObject({
  role: z.string().min(1).max(100),
  content: text,
  reasoning: text.optional(),
  toolCalls: z.array(toolCall).max(100).optional(),
  toolName: name.optional(),
  toolCallId: name.optional(),
})
const conversation = z.strictObject({
  turns: z.array(turn).max(1000),
  tools: z.array(z.json()).max(1000).optional(),
  templateArguments: z.record(z.string(), z.json()).optional(),
})

export const promptSchema = z.union([text, conversation]) as z.ZodType<Prompt>
