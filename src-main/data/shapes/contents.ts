/** What a message says: a text, or a list of parts. */
import type { ToolCall } from '../../../src-shared/records/turn'
import { RowProblem } from '../refuse'
import { textOf, wellFormed } from './cells'
import { isObject, type Fields } from './json-value'
import { callIn } from './tool-calls'

export interface Contents {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
}

/** @returns undefined when there is none. @throws RowProblem for a part that no text can hold */
export function contentsIn(message: Fields, where: string): Contents | undefined {
  const said = ['content', 'value', 'text', 'parts', 'message', 'data'].map((name) => message[name])
  const first = said.find((each) => each !== null && each !== undefined)
  // ChatGPT's own export, and LangChain's
  const content = isObject(first) ? (first['parts'] ?? first['content'] ?? onePart(first)) : first
  if (typeof content === 'number' || typeof content === 'boolean')
    return { ...nothing, text: textOf({ content }, 'content') }
  if (typeof content === 'string') return { ...nothing, text: wellFormed(content, where.replaceAll('"', '')) }
  if (!Array.isArray(content)) return undefined
  return content
    .map((part: unknown) => partOf(part, where))
    .reduce(
      (all, part) => ({
        text: all.text + part.text,
        reasoning: all.reasoning + part.reasoning,
        toolCalls: [...all.toolCalls, ...part.toolCalls],
      }),
      nothing,
    )
}

const onePart = (content: Fields): readonly Fields[] | undefined =>
  'type' in content ? [content] : undefined

const nothing: Contents = { text: '', reasoning: '', toolCalls: [] }

function partOf(part: unknown, where: string): Contents {
  if (typeof part === 'string') return { ...nothing, text: wellFormed(part, where) }
  if (!isObject(part)) throw new RowProblem(`${where} has a part of its content that is no text`)
  const { text, thinking, reasoning } = part
  if (typeof text === 'string') return { ...nothing, text: wellFormed(text, where) }
  const thought = thinking ?? reasoning
  if (typeof thought === 'string') return { ...nothing, reasoning: wellFormed(thought, where) }
  const call = part['type'] === 'tool_use' ? callIn(part, where) : undefined
  if (call) return { ...nothing, toolCalls: [call] }
  const type = typeof part['type'] === 'string' ? ` of type "${part['type']}"` : ''
  throw new RowProblem(`${where} has a part${type} in its content, and only texts can be read`)
}
