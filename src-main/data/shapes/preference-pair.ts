/**
 * Two completions of a prompt, one preferred: as texts, as two conversations that begin alike, or as two
 * transcripts of hh-rlhf.
 */
import type { ExampleParts } from '../../../src-shared/records/example'
import { notBlank, textOf } from './cells'
import { columnNames, type Columns, type Values } from './columns'
import { promptIn } from './prompt-column'
import type { RowShape } from './shape'
import { isTranscript, preferenceOf, splitTranscripts, type Preference } from './transcript'
import { turnsOf } from './turns'

type PairColumns = Columns<'prompt' | 'context' | 'chosen' | 'rejected'>

export const preferencePair: RowShape<'prompt' | 'context' | 'chosen' | 'rejected'> = {
  name: 'preference-pair',
  names: {
    prompt: columnNames.prompt,
    context: columnNames.context,
    chosen: columnNames.chosen,
    rejected: columnNames.rejected,
  },
  readings: [
    {
      kind: 'preferences',
      needs: ['chosen', 'rejected'],
      read: (values, columns) => partsOf(pairIn(values, columns)),
    },
    {
      kind: 'demonstrations',
      needs: ['prompt', 'chosen'],
      isOnlyAsked: true,
      uses: ({ rejected: _, ...used }) => used,
      read: (values, columns) => {
        const { chosen = 'chosen' } = columns
        return { prompt: promptIn(values, columns), completion: notBlank(textOf(values, chosen), chosen) }
      },
    },
    {
      kind: 'prompts',
      needs: ['chosen', 'rejected'],
      isOnlyAsked: true,
      read: (values, columns) => ({ prompt: notBlank(pairIn(values, columns).prompt, 'prompt') }),
    },
  ],
}

const partsOf = ({ prompt, chosen, rejected }: Preference): ExampleParts => ({
  prompt,
  completion: chosen,
  rejected,
})

function pairIn(values: Values, columns: PairColumns): Preference {
  const { chosen: chosenName = 'chosen', rejected: rejectedName = 'rejected' } = columns
  const chosen = values[chosenName]
  const rejected = values[rejectedName]
  if (Array.isArray(chosen) && Array.isArray(rejected)) {
    const split = preferenceOf(turnsOf(chosen, chosenName), turnsOf(rejected, rejectedName))
    const hasOwnPrompt = split.prompt === '' && columns.prompt !== undefined
    return hasOwnPrompt ? { ...split, prompt: promptIn(values, columns) } : split
  }
  const sides = { chosen: textOf(values, chosenName), rejected: textOf(values, rejectedName) }
  if (columns.prompt !== undefined) return { prompt: promptIn(values, columns), ...sides }
  return isTranscript(sides.chosen)
    ? splitTranscripts(sides.chosen, sides.rejected)
    : { prompt: '', ...sides }
}
