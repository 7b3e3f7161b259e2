/** Turns as messages of OpenAI's form, which TRL, transformers and most others read. */
import type { Completion, Json, Prompt, ToolCall, Turn } from '../../../src-shared/records/turn'
import { isConversation } from '../../../src-shared/turn-texts'
import type { WrittenRow } from './form'

export const promptTurns = (prompt: Prompt): readonly Turn[] => {
  if (isConversation(prompt)) return prompt.turns
  return prompt === '' ? [] : [{ role: 'user', content: prompt }]
}

export const completionTurns = (completion: Completion): readonly Turn[] =>
  typeof completion === 'string' ? [{ role: 'assistant', content: completion }] : completion

export const messages = (turns: readonly Turn[]): readonly Json[] => turns.map(message)

function message({ role, content, reasoning, toolCalls, toolName, toolCallId }: Turn): Json {
  return {
    role,
    content,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(toolCalls && { tool_calls: toolCalls.map(call) }),
    ...(toolName !== undefined && { name: toolName }),
    ...(toolCallId !== undefined && { tool_call_id: toolCallId }),
  }
}

const call = ({ id, name, arguments: given }: ToolCall): Json => ({
  ...(id !== undefined && { id }),
  type: 'function',
  function: { name, arguments: given },
})

/** What is told to a template beside the turns. */
export function besidePrompt(prompt: Prompt): WrittenRow {
  if (!isConversation(prompt)) return {}
  const { tools, templateArguments } = prompt
  return { ...(tools && { tools }), ...(templateArguments && { chat_template_kwargs: templateArguments }) }
}
