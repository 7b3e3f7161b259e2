/**
 * Two completions of a prompt, one preferred: as texts, as two conversations that begin alike, or as two
 * transcripts of hh-rlhf.
 */
import type { Prompt } from '../../../src-shared/records/turn'
import { notBlank } from './cells'
import { columnNames, type Values } from './columns'
import { besideNames } from './conversation-columns'
import { answered, type PromptColumns } from './demonstration'
import { pairAfter, type Pair } from './pair'
import { promptIn } from './prompt-column'
import { saidIn } from './sides'
import type { RowShape } from './shape'

type Meaning = 'prompt' | 'context' | 'chosen' | 'rejected' | keyof typeof besideNames
type PairColumns = PromptColumns & { readonly chosen?: string; readonly rejected?: string }

export const preferencePair: RowShape<Meaning> = {
  name: 'preference-pair',
  names: {
    prompt: columnNames.prompt,
    context: columnNames.context,
    chosen: columnNames.chosen,
    rejected: columnNames.rejected,
    ...besideNames,
  },
  readings: [
    {
      kind: 'preferences',
      needs: ['chosen', 'rejected'],
      read: pairIn,
    },
    {
      kind: 'demonstrations',
      needs: ['prompt', 'chosen'],
      isOnlyAsked: true,
      uses: ({ rejected: _, ...used }) => used,
      read: (values, columns) => answered(values, columns, columns.chosen ?? 'chosen'),
    },
    {
      kind: 'prompts',
      needs: ['chosen', 'rejected'],
      isOnlyAsked: true,
      read: (values, columns) => ({ prompt: notEmpty(pairIn(values, columns).prompt) }),
    },
  ],
}

function pairIn(values: Values, columns: PairColumns): Pair {
  const { chosen = 'chosen', rejected = 'rejected' } = columns
  const asked = columns.prompt === undefined ? { said: '', isTranscript: false } : promptIn(values, columns)
  return pairAfter(asked, [saidIn(values, chosen), saidIn(values, rejected)], values, columns)
}

/** @throws RowProblem for a text that says nothing; a conversation may begin with its answer */
const notEmpty = (prompt: Prompt): Prompt =>
  typeof prompt === 'string' ? notBlank(prompt, 'prompt') : prompt
