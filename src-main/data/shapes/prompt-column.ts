/** The prompt column: text, with what Alpaca calls its input below it, or a conversation to be continued. */
import type { Completion } from '../../../src-shared/records/turn'
import { textOf, wellFormed } from './cells'
import type { Columns, Values } from './columns'
import { openTranscriptTurns } from './transcript'
import { isMessage, messagesIn, turnOf, turnsOf } from './turns'

export interface PromptSaid {
  readonly said: Completion
  /** Whether it was a transcript: what answers it begins with a space. */
  readonly isTranscript: boolean
}

/** @throws RowProblem */
export function promptIn(values: Values, columns: Columns<'prompt' | 'context'>): PromptSaid {
  const { prompt = 'prompt', context } = columns
  const value = values[prompt]
  const messages = messagesIn(value)
  if (messages) return { said: turnsOf(messages, prompt), isTranscript: false }
  if (isMessage(value)) return { said: [turnOf(value, `"${prompt}"`)], isTranscript: false }
  const asked = textOf(values, prompt)
  const turns = openTranscriptTurns(asked)
  if (turns) return { said: turns, isTranscript: true }
  const about = context === undefined || context === prompt ? undefined : values[context]
  const isAbout = typeof about === 'string' && about.trim() !== ''
  return {
    said: isAbout ? `${asked}\n\n${wellFormed(about, context ?? 'input')}` : asked,
    isTranscript: false,
  }
}
