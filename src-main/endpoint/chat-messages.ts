/** Messages of a chat request as the turns that a model's template reads. */
import { z } from 'zod'
import type { Turn } from '../../src-shared/records/turn'
import { refuse } from './refusal'
import { withoutNulls } from './request-fields'

const text = z.string().max(1_000_000)
const part = z.looseObject({
  type: z.string(),
  text: text.nullable().optional(),
  refusal: text.nullable().optional(),
})
const toolCall = z.looseObject({
  id: z.string().optional(),
  function: z.looseObject({ name: z.string(), arguments: z.json().optional() }),
})

const plainMessage = z.looseObject({
  role: z.string().min(1).max(100),
  /** Null where an assistant only calls tools. */
  content: z.union([text, z.array(part)]).optional(),
  name: z.string().optional(),
  reasoning_content: text.optional(),
  tool_calls: z.array(toolCall).optional(),
  tool_call_id: z.string().optional(),
})

export const messageSchema = z.preprocess(withoutNulls, plainMessage)

type Message = z.infer<typeof plainMessage>

/** OpenAI's later names for what templates know. */
const roles: Readonly<Record<string, string>> = { developer: 'system', function: 'tool' }

export const turnsOf = (messages: readonly Message[]): readonly Turn[] => messages.map(turnOf)

function turnOf(message: Message, place: number): Turn {
  const role = roles[message.role] ?? message.role
  const calls = message.tool_calls ?? []
  return {
    role,
    content: contentOf(message.content, `messages.${place}.content`),
    ...(message.reasoning_content !== undefined && { reasoning: message.reasoning_content }),
    ...(calls.length > 0 && {
      toolCalls: calls.map(({ id, function: { name, arguments: given } }) => ({
        ...(id !== undefined && { id }),
        name,
        arguments: given ?? {},
      })),
    }),
    ...(role === 'tool' && message.name !== undefined && { toolName: message.name }),
    ...(message.tool_call_id !== undefined && { toolCallId: message.tool_call_id }),
  }
}

function contentOf(content: Message['content'], param: string): string {
  if (content === undefined) return ''
  if (typeof content === 'string') return content
  return content
    .map(({ type, text: words, refusal }) =>
      type === 'text' || type === 'refusal' || type === 'input_text'
        ? (words ?? refusal ?? '')
        : refuse(param, `has a part of type “${type}”: these models read text alone`),
    )
    .join('')
}
