/**
 * Turns as the transcript of hh-rlhf (Bai et al. 2022), for models that read texts: turns begin with "\n\nHuman:"
 * and "\n\nAssistant:", a prompt ends with "\n\nAssistant:", and a completion begins with the space after it. A
 * plain text is what it is.
 */
import type { Completion, Prompt, Turn } from '../../src-shared/records/turn'
import { callText } from '../../src-shared/turn-texts'

const ASSISTANT = '\n\nAssistant:'

export const promptTranscript = (prompt: Prompt): string =>
  typeof prompt === 'string' ? prompt : `${prompt.turns.map(turnText).join('')}${ASSISTANT}`

/** The turns after a prompt: the first, an assistant's, as it is; later ones as turns, up to the last that answers. */
export function completionTranscript(completion: Completion): string {
  if (typeof completion === 'string') return completion
  const answered = completion.findLastIndex(({ role }) => role === 'assistant') + 1
  const [first, ...later] = completion.slice(0, answered)
  return first ? ` ${saidIn(first)}${later.map((turn) => turnText(turn, 1)).join('')}` : ''
}

const speakers: Readonly<Record<string, string>> = { user: 'Human', assistant: 'Assistant' }

/** A system text at the head stands alone; any other turn is said by someone. */
function turnText(turn: Turn, index: number): string {
  const { role } = turn
  if (role === 'system' && index === 0) return saidIn(turn)
  const speaker = speakers[role] ?? `${role.charAt(0).toUpperCase()}${role.slice(1)}`
  return `\n\n${speaker}: ${saidIn(turn)}`
}

const saidIn = ({ content, toolCalls = [] }: Turn): string =>
  [content, ...toolCalls.map(callText)].filter((text) => text !== '').join('\n')
