/**
 * What turns say, as text: for searching, measuring and lists. No model reads it: that is rendering. A plain text is
 * what it is.
 */
import type { Completion, Conversation, Json, Prompt, ToolCall, Turn } from './records/turn'

export const isConversation = (prompt: Prompt | undefined): prompt is Conversation =>
  typeof prompt === 'object'

export const isTurns = (completion: Completion | undefined): completion is readonly Turn[] =>
  Array.isArray(completion)

/** Whether any part of an example is turns; of plain texts nobody is said to speak. */
export const isSpoken = ({ prompt, completion, rejected }: SpokenParts): boolean =>
  isConversation(prompt) || isTurns(completion) || isTurns(rejected)

interface SpokenParts {
  readonly prompt?: Prompt | undefined
  readonly completion?: Completion | undefined
  readonly rejected?: Completion | undefined
}

/** What each turn says, one below the other. */
export function textOf(part: Prompt | Completion): string {
  if (typeof part === 'string') return part
  const turns = 'turns' in part ? part.turns : part
  return turns.flatMap(textsOfTurn).join('\n\n')
}

/** What a turn thinks, says and calls, as far as it does. */
const textsOfTurn = ({ reasoning, content, toolCalls = [] }: Turn): readonly string[] =>
  [reasoning ?? '', content, ...toolCalls.map(callText)].filter((text) => text !== '')

/** `weather {"city":"Rome"}` */
export const callText = ({ name, arguments: given }: ToolCall): string => `${name} ${jsonText(given)}`

/** JSON as it is written; a text that may be JSON itself, as it is. */
export const jsonText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
