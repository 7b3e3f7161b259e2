/** Prompts and completions as turns, for models that read nothing else. */
import type { Completion, Conversation, Prompt, Turn } from '../../../src-shared/records/turn'
import { turnsOfTranscript, withoutTurnSpace } from './transcript'

/** A plain text is what the user says, or a transcript of what was said. */
export function conversationOf(prompt: Prompt): Conversation {
  if (typeof prompt !== 'string') return prompt
  if (prompt === '') return { turns: [] }
  return { turns: turnsOfTranscript(prompt) ?? [{ role: 'user', content: prompt }] }
}

export const turnsAfter = (prompt: Prompt, completion: Completion): readonly Turn[] =>
  typeof completion === 'string'
    ? [{ role: 'assistant', content: saidAfter(prompt, completion) }]
    : answered(completion)

/** Up to the last turn that answers: nobody learns from a question that none answers. */
export const answered = (turns: readonly Turn[]): readonly Turn[] =>
  turns.slice(0, turns.findLastIndex(({ role }) => role === 'assistant') + 1)

/** What a plain completion says: behind a transcript its first space is the form's. */
export const saidAfter = (prompt: Prompt, completion: string): string =>
  typeof prompt === 'string' && turnsOfTranscript(prompt) ? withoutTurnSpace(completion) : completion
