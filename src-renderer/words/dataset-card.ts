/** A dataset's card: all that is known of it, as Markdown for who gets it. */
import { datasetWords } from '../../src-shared/dataset-words'
import type { Dataset, DatasetReading, DatasetSummary } from '../../src-shared/records/dataset'
import { countOf, countText } from '../../src-shared/sizes'
import { partNames } from './dataset-words'

/** More sources, labels and tags nobody reads; of the rest the number is said. */
const mostListed = 20

export const datasetCard = (dataset: Dataset, summary: DatasetSummary | undefined): string =>
  [
    `# ${plain(dataset.name)}`,
    ...section('', whatItIs(dataset)),
    ...section('Source and terms', sourceOf(dataset)),
    ...section('How it was read', readingOf(summary?.reading)),
    ...section('Lengths in characters', lengthsOf(dataset, summary)),
    ...section('Sources of rows', listed(summary?.sources.map(({ source, rows }) => [source, rows]))),
    ...section('Labels', listed(summary?.labels.map(({ label, rows }) => [String(label), rows]))),
    ...section('Tags', listed(summary?.tags?.map(({ tag, rows }) => [tag, rows]))),
    ...section('Used by', usedBy(summary)),
  ].join('\n\n') + '\n'

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0
    ? []
    : [...(title === '' ? [] : [`## ${title}`]), lines.map((line) => `- ${line}`).join('\n')]

const whatItIs = ({ kind, rows, excluded }: Dataset): readonly string[] => [
  `Rows: ${countOf(rows, ...datasetWords[kind].row)}`,
  ...(excluded ? [`${countText(excluded)} of them left out of training`] : []),
]

const origins: Readonly<Record<Dataset['origin'], (dataset: Dataset) => string>> = {
  bundled: ({ fileName }) => `Came with the studio, from ${plain(fileName)}`,
  imported: ({ fileName, createdAtMs }) => `Imported from ${plain(fileName)} on ${dayOf(createdAtMs)}`,
  judgments: ({ createdAtMs }) => `Made of judgments in a label queue, since ${dayOf(createdAtMs)}`,
}

const sourceOf = (dataset: Dataset): readonly string[] => [
  origins[dataset.origin](dataset),
  dataset.terms === '' ? 'Terms: not known' : `Terms: ${plain(dataset.terms)}`,
]

function readingOf(reading: DatasetReading | undefined): readonly string[] {
  if (!reading) return []
  const { columns, notes } = reading
  return [
    ...columns.read.map(
      ({ column, as }) => `Column ${plain(column)} was read${column === as ? '' : ` as ${plain(as)}`}`,
    ),
    ...columns.unread.map((column) => `Column ${plain(column)} was not read`),
    ...notes.map(plain),
  ]
}

function lengthsOf({ kind }: Dataset, summary: DatasetSummary | undefined): readonly string[] {
  const titles = new Map(partNames[kind])
  return (summary?.histograms ?? []).map(
    ({ part, median, percentile95 }) =>
      `${titles.get(part) ?? part}: median ${countText(Math.round(median))}, ` +
      `95 % at most ${countText(Math.round(percentile95))}`,
  )
}

function listed(counted: readonly (readonly [string, number])[] | undefined): readonly string[] {
  if (!counted) return []
  const named = counted.slice(0, mostListed).map(([name, rows]) => `${plain(name)}: ${countOf(rows, 'row')}`)
  const others = counted.length - named.length
  return others > 0 ? [...named, `and ${countText(others)} more`] : named
}

function usedBy(summary: DatasetSummary | undefined): readonly string[] {
  if (!summary) return []
  return summary.usedBy.length === 0 ? ['No run yet'] : summary.usedBy.map(plain)
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

/** What a name or a file says, as text: none of its signs makes Markdown, and addresses stay whole. */
const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(https?:\/\/[^\s<>]+)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[\\`*_[\]<>#|~&]/g, '\\$&')))
    .join('')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/^[-+=]/, '\\$&')
