/**
 * A conversation in one text whose speakers stand in capitals before what they say, as in glaive-function-calling: a
 * call follows `<functioncall>`, and a mark of the end stands behind an answer.
 */
import type { Fields } from './json-value'

const roles: Readonly<Record<string, string>> = {
  SYSTEM: 'system',
  USER: 'user',
  ASSISTANT: 'assistant',
  'FUNCTION RESPONSE': 'tool',
}

const SPEAKER = /(?:^|\n)\s*(SYSTEM|USER|ASSISTANT|FUNCTION RESPONSE):/
const END = /\s*<\|endoftext\|>\s*$/
const CALL = /^<functioncall>\s*/

/** Its messages; undefined where it does not begin with a user or says no answer. */
export function markedMessages(value: unknown): readonly Fields[] | undefined {
  if (typeof value !== 'string' || !/^\s*(?:SYSTEM|USER):/.test(value)) return undefined
  const [, ...pieces] = value.split(SPEAKER)
  const messages: Fields[] = []
  for (let index = 0; index + 1 < pieces.length; index += 2)
    messages.push(messageOf(roles[pieces[index] ?? ''] ?? 'user', (pieces[index + 1] ?? '').trim()))
  return messages.some(({ role }) => role === 'assistant' || role === 'function_call') ? messages : undefined
}

function messageOf(role: string, text: string): Fields {
  const content = text.replace(END, '')
  const isCall = role === 'assistant' && CALL.test(content)
  return isCall ? { role: 'function_call', content: content.replace(CALL, '') } : { role, content }
}
