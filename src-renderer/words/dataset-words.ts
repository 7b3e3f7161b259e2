/** What kinds of datasets and their parts are called on screen. */
import { datasetWords } from '../../src-shared/dataset-words'
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import { countOf } from '../../src-shared/sizes'

/** "Preference pairs", as a heading. */
export const kindTitle = (kind: DatasetKind): string => {
  const { holds } = datasetWords[kind]
  return holds.charAt(0).toUpperCase() + holds.slice(1)
}

/** "1,108 pairs" */
export const rowsText = ({ rows, kind }: Pick<Dataset, 'rows' | 'kind'>): string =>
  countOf(rows, ...(datasetWords[kind].briefRow ?? datasetWords[kind].row))

export type Part = 'prompt' | 'completion' | 'rejected'

/** The parts a kind has, with their heads. */
export const partNames: Readonly<Record<DatasetKind, readonly (readonly [Part, string])[]>> = {
  preferences: [
    ['prompt', 'Prompt'],
    ['completion', 'Chosen'],
    ['rejected', 'Rejected'],
  ],
  demonstrations: [
    ['prompt', 'Prompt'],
    ['completion', 'Completion'],
  ],
  labelled: [['completion', 'Text']],
  text: [['completion', 'Text']],
  rankings: [
    ['prompt', 'Prompt'],
    ['completion', 'Best'],
  ],
  steps: [
    ['prompt', 'Prompt'],
    ['completion', 'Solution'],
  ],
  prompts: [['prompt', 'Prompt']],
}

/** The parts whose length is measured: a prompt only where it is all there is. */
export const measuredParts = (kind: DatasetKind): readonly (readonly [Part, string])[] =>
  partNames[kind].filter(([part]) => part !== 'prompt' || kind === 'prompts')
