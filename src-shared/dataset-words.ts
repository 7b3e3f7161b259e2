/** What a dataset of each kind is called, and what its rows are: read by the page and by what main says. */
import type { DatasetKind, DatasetReading, ReadColumns } from './records/dataset'

interface DatasetWords {
  /** What it holds, in a sentence: "Import labelled text in Datasets". */
  readonly holds: string
  /** One row and many, for counting. */
  readonly row: readonly [one: string, many: string]
  /** The same where room is scarce and the kind is known. */
  readonly briefRow?: readonly [one: string, many: string]
}

export const datasetWords: Readonly<Record<DatasetKind, DatasetWords>> = {
  preferences: {
    holds: 'preference pairs',
    row: ['preference pair', 'preference pairs'],
    briefRow: ['pair', 'pairs'],
  },
  demonstrations: { holds: 'demonstrations', row: ['demonstration', 'demonstrations'] },
  labelled: { holds: 'labelled text', row: ['labelled text', 'labelled texts'] },
  text: { holds: 'text', row: ['text', 'texts'] },
  rankings: { holds: 'ranked completions', row: ['ranking', 'rankings'] },
  steps: { holds: 'solutions by step', row: ['solution', 'solutions'] },
  prompts: { holds: 'prompts', row: ['prompt', 'prompts'] },
}

/** "read question as prompt, answer as completion; not read: category" */
export function columnsText({ read, unread }: ReadColumns): string {
  const taken = read.map(({ column, as }) => (column === as ? column : `${column} as ${as}`))
  const parts = [
    ...(taken.length > 0 ? [`read ${taken.join(', ')}`] : []),
    ...(unread.length > 0 ? [`not read: ${unread.join(', ')}`] : []),
  ]
  return parts.join('; ')
}

/** How a dataset was read, a sentence a line. */
export const readingLines = ({ columns, notes }: DatasetReading): readonly string[] =>
  [columnsText(columns), ...notes].filter(Boolean)
