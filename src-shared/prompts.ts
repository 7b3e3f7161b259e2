/** When two prompts are the same: the one place that says so. */
import type { Prompt, Turn } from './records/turn'

/** A text that is equal for two prompts exactly when they are the same prompt. */
export function sameness(prompt: Prompt): string {
  if (typeof prompt === 'string') return prompt
  const { turns, tools = [], templateArguments = {} } = prompt
  // no text holds the first character: a conversation is never the same as a text
  return `\0${JSON.stringify([turns.map(turnParts), tools, templateArguments])}`
}

/** Each prompt once, where it first stands. */
export function distinctPrompts(prompts: Iterable<Prompt>): readonly Prompt[] {
  const bySameness = new Map<string, Prompt>()
  for (const prompt of prompts) {
    const key = sameness(prompt)
    if (!bySameness.has(key)) bySameness.set(key, prompt)
  }
  return [...bySameness.values()]
}

/** Two turns are the same whatever the order in which their parts were written. */
const turnParts = ({ role, content, reasoning, toolCalls, toolName, toolCallId }: Turn) => [
  role,
  content,
  reasoning,
  toolCalls?.map(({ id, name, arguments: given }) => [id, name, given]),
  toolName,
  toolCallId,
]
