/**
 * Transcripts of hh-rlhf (Bai et al. 2022) as turns: each begins with "\n\nHuman:" or "\n\nAssistant:". A text is
 * one only when it begins so: a message that quotes a transcript stays one message.
 */
import type { Turn } from '../../../src-shared/records/turn'

const speakers: Readonly<Record<string, string>> = { Human: 'user', Assistant: 'assistant' }

/** The turns of a whole transcript in which the assistant speaks; undefined when the text is none. */
export function transcriptTurns(text: string): readonly Turn[] | undefined {
  if (!/^\s*Human:/.test(text)) return undefined
  const [, ...pieces] = `\n\n${text.trimStart()}`.split(/\n\n(Human|Assistant):/)
  const turns: Turn[] = []
  for (let index = 0; index + 1 < pieces.length; index += 2)
    turns.push({ role: speakers[pieces[index]!] ?? 'user', content: spoken(pieces[index + 1]!) })
  return turns.some(({ role }) => role === 'assistant') ? turns : undefined
}

/** The turns of a transcript that waits for the assistant; undefined when the text is none. */
export function openTranscriptTurns(text: string): readonly Turn[] | undefined {
  const turns = transcriptTurns(text)
  const last = turns?.at(-1)
  return last?.role === 'assistant' && last.content.trim() === '' ? turns?.slice(0, -1) : undefined
}

/** The space after the colon is the form's own, not the speaker's. */
export const spoken = (text: string): string => text.replace(/^ /, '')
