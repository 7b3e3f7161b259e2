/** The prompt column: text, with what Alpaca calls its input below it, or a conversation to be continued. */
import { textOf, wellFormed } from './cells'
import type { Columns, Values } from './columns'
import { promptOf } from './transcript'
import { turnsIn } from './turns'

/** @throws RowProblem */
export function promptIn(values: Values, columns: Columns<'prompt' | 'context'>): string {
  const { prompt = 'prompt', context } = columns
  if (Array.isArray(values[prompt])) return promptOf(turnsIn(values, prompt))
  const asked = textOf(values, prompt)
  const about = context === undefined || context === prompt ? undefined : values[context]
  return typeof about === 'string' && about.trim() !== ''
    ? `${asked}\n\n${wellFormed(about, context ?? 'input')}`
    : asked
}
