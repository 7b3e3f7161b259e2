/** `/v1/chat/completions`: the turns of a conversation in, the assistant's next turn out. */
import type { ToldToken } from '../../src-shared/records/sample'
import { z } from 'zod'
import type { Conversation, Json } from '../../src-shared/records/turn'
import type { Asked, Kind, Reading } from './asked'
import { messageSchema, turnsOf } from './chat-messages'
import { refuse } from './refusal'
import { commonFields, readFields, refuseWhatIsNotDone, samplingOf } from './request-fields'

const schema = z.looseObject({
  ...commonFields,
  messages: z.array(messageSchema).min(1).max(10_000),
  max_completion_tokens: z.number().int().min(1).optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.number().int().min(0).max(20).optional(),
  response_format: z.looseObject({ type: z.string() }).optional(),
  tools: z.array(z.json()).max(1000).optional(),
  tool_choice: z.json().optional(),
  chat_template_kwargs: z.record(z.string(), z.json()).optional(),
  /** vLLM's: the last message is one that the model began. */
  continue_final_message: z.boolean().optional(),
})
type Body = z.infer<typeof schema>

/** More than any context: without a limit the context is one. */
const unlimited = Number.MAX_SAFE_INTEGER

export function readChat(given: unknown, { modelNamed, drawSeed }: Reading): Asked {
  const body = readFields(schema, given)
  refuseWhatIsNotDone(body)
  if (body.response_format && body.response_format.type !== 'text')
    refuse('response_format.type', 'must be text: nothing else is promised of these models')
  if (body.tool_choice !== undefined && body.tool_choice !== 'auto' && body.tool_choice !== 'none')
    refuse('tool_choice', 'must be auto or none: a call cannot be forced')
  const n = body.n ?? 1
  const { conversation, begun } = conversationIn(body)
  const maxTokens = body.max_completion_tokens ?? body.max_tokens ?? unlimited
  return {
    model: body.model,
    write: {
      checkpointId: modelNamed(body.model).checkpointId,
      prompts: new Array<Conversation>(n).fill(conversation),
      ...(begun !== undefined && { begun }),
      sampling: samplingOf(body, maxTokens, drawSeed),
      ...(body.logprobs === true && { topChances: body.top_logprobs ?? 0 }),
    },
    isStreamed: body.stream === true,
    withUsage: body.stream_options?.include_usage === true,
    each: n,
  }
}

function conversationIn(body: Body): { readonly conversation: Conversation; readonly begun?: string } {
  const turns = turnsOf(body.messages)
  const last = turns.at(-1)
  if (body.continue_final_message && last?.role !== 'assistant')
    refuse('continue_final_message', 'needs an assistant’s message at the end')
  const isBegun = body.continue_final_message === true
  return {
    conversation: {
      turns: isBegun ? turns.slice(0, -1) : turns,
      ...(body.tools &&
        body.tool_choice !== 'none' &&
        body.tools.length > 0 && { tools: body.tools as Json[] }),
      ...(body.chat_template_kwargs && {
        templateArguments: body.chat_template_kwargs as Record<string, Json>,
      }),
    },
    ...(isBegun && { begun: last!.content }),
  }
}

export const chatKind: Kind = {
  idPrefix: 'chatcmpl-',
  object: 'chat.completion',
  chunkObject: 'chat.completion.chunk',
  whole: ({ text, told }, { write }) => ({
    message: { role: 'assistant', content: text, refusal: null },
    logprobs: logProbsIn(told, write.topChances),
  }),
  opening: { delta: { role: 'assistant', content: '', refusal: null }, logprobs: null },
  part: ({ text, told }, { write }) => ({
    delta: { content: text },
    logprobs: logProbsIn(told, write.topChances),
  }),
  nothing: { delta: {}, logprobs: null },
}

const logProbsIn = (told: readonly ToldToken[] = [], asked: number | undefined): object | null =>
  asked === undefined
    ? null
    : {
        content: told.map(({ top, ...token }) => ({ ...saidOf(token), top_logprobs: top.map(saidOf) })),
        refusal: null,
      }

/** Bytes of a token that is a part of a character are not those of its text: they are not told. */
const saidOf = ({ text, logProb }: Pick<ToldToken, 'text' | 'logProb'>): object => ({
  token: text,
  logprob: logProb,
  bytes: text.includes('�') ? null : [...new TextEncoder().encode(text)],
})
