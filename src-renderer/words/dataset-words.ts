/** What kinds of datasets and their parts are called on screen. */
import type { DatasetKind } from '../../src-shared/records/dataset'

export const kindNames: Readonly<Record<DatasetKind, string>> = {
  preferences: 'Preference pairs',
  demonstrations: 'Demonstrations',
  labelled: 'Labelled text',
  text: 'Text',
  prompts: 'Prompts',
}

/** One row of a kind, for counting. */
export const rowNames: Readonly<Record<DatasetKind, readonly [one: string, many: string]>> = {
  preferences: ['preference pair', 'preference pairs'],
  demonstrations: ['demonstration', 'demonstrations'],
  labelled: ['labelled text', 'labelled texts'],
  text: ['text', 'texts'],
  prompts: ['prompt', 'prompts'],
}

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
  prompts: [['prompt', 'Prompt']],
}

/** The parts whose length is measured: a prompt only where it is all there is. */
export const measuredParts = (kind: DatasetKind): readonly (readonly [Part, string])[] =>
  partNames[kind].filter(([part]) => part !== 'prompt' || kind === 'prompts')
