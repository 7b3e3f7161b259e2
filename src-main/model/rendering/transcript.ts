/**
 * The transcript form of hh-rlhf (Bai et al. 2022) as turns: turns begin with "\n\nHuman:" and "\n\nAssistant:",
 * and the text ends where the assistant speaks.
 */
import type { Turn } from '../../../src-shared/records/turn'

/** @returns undefined for a text of any other form, such as one in which a transcript is only quoted */
export function turnsOfTranscript(text: string): readonly Turn[] | undefined {
  const parts = text.split(/\n\n(Human|Assistant):/)
  const [head, first] = parts
  const isOne = head === '' && first === 'Human' && parts.at(-2) === 'Assistant' && parts.at(-1) === ''
  if (!isOne) return undefined
  return Array.from({ length: (parts.length - 3) / 2 }, (_, turn) => ({
    role: parts[2 * turn + 1] === 'Human' ? 'user' : 'assistant',
    content: withoutTurnSpace(parts[2 * turn + 2]!),
  }))
}

/** The space after "Assistant:" belongs to the form, not to what is said. */
export const withoutTurnSpace = (text: string): string => text.replace(/^ /, '')
