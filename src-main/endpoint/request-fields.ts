/** What both kinds of request have: how it is sampled, how it comes back, and what is not done here. */
import { z } from 'zod'
import { samplingFields, type SamplingSettings } from '../../src-shared/sampling'
import { typedStopTexts } from '../../src-shared/stop-texts'
import { refuse } from './refusal'

const share = z.number().min(0).max(1)
const count = z.number().int()
const stopText = z.string().max(1000)

/** Names and bounds are OpenAI's; below the line those that vLLM and llama.cpp add. Anything else is not read. */
export const commonFields = {
  model: z.string().min(1).max(300),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullable().optional() }).optional(),
  temperature: z.number().min(0).max(samplingFields.temperature.max).optional(),
  top_p: share.optional(),
  max_tokens: count.min(1).optional(),
  n: count.min(1).max(128).optional(),
  seed: count.optional(),
  stop: z.union([stopText, z.array(stopText).max(16)]).optional(),
  presence_penalty: z.number().optional(),
  frequency_penalty: z.number().optional(),
  logit_bias: z.record(z.string(), z.number()).optional(),
  top_k: count.min(-1).optional(),
  min_p: share.optional(),
  typical_p: share.optional(),
  repetition_penalty: z.number().min(0).max(10).optional(),
} as const

export type CommonFields = {
  readonly [Name in keyof typeof commonFields]?: z.infer<(typeof commonFields)[Name]>
}

/** What is null is not said: clients fill what they leave out. */
export function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null))
}

/** @throws Refusal with the first thing that is wrong */
export function readFields<S extends z.ZodType>(schema: S, body: unknown): z.infer<S> {
  const result = schema.safeParse(withoutNulls(body))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  return refuse(issue?.path.join('.') || 'body', `is not as it should be: ${issue?.message ?? 'unknown'}`)
}

/** What would change the text and is not done, is refused: a client that is not told would trust it. */
export function refuseWhatIsNotDone(body: CommonFields): void {
  for (const name of ['presence_penalty', 'frequency_penalty'] as const)
    if ((body[name] ?? 0) !== 0) refuse(name, 'is not done here: leave it out, or use repetition_penalty')
  if (Object.keys(body.logit_bias ?? {}).length > 0) refuse('logit_bias', 'is not done here: leave it out')
}

/** @param maxTokens what is asked for, or the usual; the context may end a text sooner */
export function samplingOf(body: CommonFields, maxTokens: number, drawSeed: () => number): SamplingSettings {
  const stops = [body.stop ?? []].flat().filter((text) => text !== '')
  const stop = typedStopTexts(stops)
  if (stop === undefined) return refuse('stop', 'has a text that cannot be waited for')
  return {
    temperature: body.temperature ?? 1,
    topP: aboveZero(body.top_p ?? 1),
    topK: Math.max(0, body.top_k ?? 0),
    maxTokens: Math.min(maxTokens, samplingFields.maxTokens.max),
    seed: (body.seed ?? drawSeed()) >>> 0,
    ...(stop !== '' && { stop }),
    ...(body.min_p !== undefined && { minP: body.min_p }),
    ...(body.typical_p !== undefined && { typicalP: aboveZero(body.typical_p) }),
    ...(body.repetition_penalty !== undefined && { repetitionPenalty: aboveZero(body.repetition_penalty) }),
  }
}

/** Others take a share of 0 for the likeliest token alone. */
const aboveZero = (value: number): number => (value === 0 ? Number.MIN_VALUE : value)
