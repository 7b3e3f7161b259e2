/** The texts of the sample project: every example, completion and prompt follows from its number. */
import type { Dataset, DatasetSummary, LengthHistogram } from '../../src-shared/records/dataset'
import type { Example } from '../../src-shared/records/example'
import { answerAt, conversationAt } from './sample-conversations'

const things = ['the soup', 'the film', 'the room', 'the book', 'the bread', 'the garden']
const praises = ['was a joy from beginning to end', 'is the best of its kind', 'made the whole table smile']
const blames = ['was cold and late', 'ends before it begins', 'cost more than it gave']

const nth = (all: readonly string[], index: number): string => all[index % all.length] ?? ''
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

export const promptAt = (index: number): string => `Write one sentence about ${nth(things, index)}:`
export const praiseAt = (index: number): string =>
  `${capital(nth(things, index))} ${nth(praises, index)}, and nobody wanted to leave.`
export const blameAt = (index: number): string => `${capital(nth(things, index))} ${nth(blames, index)}.`
export const longText = Array.from({ length: 30 }, (_, index) => praiseAt(index)).join(' ')

export function exampleAt(dataset: Dataset, index: number): Example {
  const id = index + 1
  const common = {
    id,
    datasetId: dataset.id,
    row: id,
    isFlagged: false,
    source: index % 3 === 0 ? 'guests' : 'press',
  }
  if (dataset.id === 'chats') return { ...common, prompt: conversationAt(index), completion: answerAt(index) }
  switch (dataset.kind) {
    case 'preferences':
      return { ...common, prompt: promptAt(index), completion: praiseAt(index), rejected: blameAt(index) }
    case 'demonstrations':
    case 'rankings':
    case 'steps':
      return { ...common, prompt: promptAt(index), completion: praiseAt(index) }
    case 'prompts':
      return { ...common, prompt: promptAt(index) }
    case 'labelled':
      return { ...common, completion: index % 2 ? praiseAt(index) : blameAt(index), label: index % 2 }
    case 'text':
      return { ...common, completion: index % 50 === 7 ? longText : praiseAt(index) }
  }
}

const bell = [2, 6, 14, 30, 52, 70, 61, 40, 22, 12, 7, 4, 2, 1]

const histogramOf = (part: LengthHistogram['part'], rows: number, share: number): LengthHistogram => {
  const all = bell.map((height) => Math.round((height * rows) / 323))
  const matching = all.map((count) => Math.round(count * share))
  return { part, binWidth: 12, all, matching, median: 66, percentile95: 124 }
}

/** @param matching how many rows the filter lets through */
export function summaryOf({ kind, rows }: Dataset, matching: number): DatasetSummary {
  const share = matching / Math.max(1, rows)
  const half = Math.round(rows / 2)
  const parts = ['prompt', 'completion', 'rejected'] as const
  return {
    histograms: parts.map((part) => histogramOf(part, rows, share)),
    sources: [
      { source: 'guests', rows: Math.round(rows / 3) },
      { source: 'press', rows: rows - Math.round(rows / 3) },
    ],
    labels:
      kind === 'labelled'
        ? [
            { label: 0, rows: half },
            { label: 1, rows: rows - half },
          ]
        : [],
    tags: [
      { tag: 'polite', rows: 1 },
      { tag: 'too long', rows: 1 },
    ],
    usedBy: ['sft-01', 'ppo-01'],
    reading: {
      columns: { read: [{ column: 'question', as: 'prompt' }], unread: ['category', 'id'] },
      notes: ['3 rows whose two completions are equal were left out: 12, 40 and 77.'],
    },
  }
}
