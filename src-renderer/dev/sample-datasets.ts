/** Datasets of the page alone: searched, renamed, flagged and deleted in memory. */
import type { CallInput } from '../../src-shared/contract'
import type { Dataset, ImportProgress } from '../../src-shared/records/dataset'
import type { ExportedDataset } from '../../src-shared/records/export'
import type { Example, RenderedView, TokenView } from '../../src-shared/records/example'
import type { Signal } from '../../src-shared/wire'
import { textOf } from '../../src-shared/turn-texts'
import { aDataset } from './records'
import { liveList, type LiveList } from './live-list'
import { found, pause, type Part } from './sample-answers'
import { sampleMarks } from './sample-marks'
import { sampleNear } from './sample-near'
import { sampleTokenLengths } from './sample-token-lengths'
import { datasets } from './sample-records'
import { exampleAt, summaryOf } from './sample-texts'

type Filter = CallInput<'datasets.page'>['filter']

export function sampleDatasets(): Part<'datasets'> {
  const list = liveList(datasets)
  const marks = sampleMarks()
  const byId = (id: string): Dataset => found(list.all(), 'dataset', id)
  const matching = (id: string, filter: Filter): readonly Example[] => {
    const dataset = byId(id)
    return marks.laidOver(examplesIn(dataset)).filter((example) => matches(example, filter))
  }
  return {
    calls: {
      'datasets.list': list.all,
      'datasets.preview': () => noPreview,
      'datasets.page': ({ datasetId, filter, offset, limit }) => {
        const rows = matching(datasetId, filter)
        return { total: rows.length, rows: rows.slice(offset, offset + limit) }
      },
      'datasets.summary': ({ datasetId, filter }) =>
        summaryOf(byId(datasetId), matching(datasetId, filter).length),
      ...marks.calls,
      'datasets.edit': ({ exampleId }) => found([], 'example', String(exampleId)),
      'datasets.rename': ({ datasetId, name }) => {
        const renamed = { ...byId(datasetId), name }
        list.put(renamed)
        return renamed
      },
      'datasets.bundled': ({ fileName }) =>
        list.all().find((one) => one.fileName === fileName) ?? byId('text'),
      'datasets.export': exported,
      'datasets.remove': ({ datasetId }) => list.remove(datasetId),
      'datasets.tokens': ({ text }) => tokensOf(text),
      'datasets.rendered': () => renderedSample,
    },
    streams: streamsOf(list),
  }
}

const streamsOf = (list: LiveList<Dataset>): Part<'datasets'>['streams'] => ({
  'datasets.watch': (_input, signal) => list.watch(signal),
  'datasets.near': sampleNear,
  'datasets.tokenLengths': sampleTokenLengths,
  'datasets.import': ({ path }, signal) => readFile(path, list, signal),
  'datasets.fetch': ({ address }, signal) => readFile(address, list, signal),
})

const examplesIn = (dataset: Dataset): readonly Example[] =>
  Array.from({ length: dataset.rows }, (_, index) => exampleAt(dataset, index))

const exported = ({ folder, form, container }: CallInput<'datasets.export'>): ExportedDataset => ({
  path: `${folder}/${form}.${container}`,
  rows: 800,
  bytes: 50_000,
})

const noPreview = { columns: [], meanings: [], problem: 'This sample has no files.' }

async function* readFile(
  path: string,
  list: LiveList<Dataset>,
  signal: Signal,
): AsyncIterable<ImportProgress> {
  const dataset = aDataset({ id: path, name: path.split('/').at(-1) ?? path, rows: 800 })
  const bytesTotal = 50_000
  for (let share = 0.1; share < 1 && !signal.aborted; share += 0.1) {
    yield { rows: Math.round(dataset.rows * share), bytesRead: bytesTotal * share, bytesTotal }
    await pause(300, signal)
  }
  list.put(dataset)
  yield {
    rows: dataset.rows,
    bytesRead: bytesTotal,
    bytesTotal,
    done: { dataset, isNew: true, columns: { read: [], unread: [] } },
  }
}

const tokensOf = (text: string): TokenView => ({
  tokenizer: 'words',
  vocabulary: 1024,
  tokens: (text.match(/\s*\S+/g) ?? []).map((word) => ({ id: word.length * 37, text: word })),
  unknown: [],
})

const renderedSample: RenderedView = {
  tokenizer: 'words',
  hasTemplate: true,
  contextTokens: 64,
  ...{ promptTokens: 4, learnedTokens: 3, count: 7 },
  tokens: ['<|user|>', 'Hi', '\n', '<|assistant|>', 'Good', ' day', ''].map((text, place) => ({
    ...{ text, id: 37 * place, isLearned: place > 3 },
  })),
}

function matches(example: Example, filter: Filter): boolean {
  const [prompt, completion, rejected] = [example.prompt, example.completion, example.rejected].map((part) =>
    textOf(part ?? ''),
  )
  const text = [prompt, completion, rejected].join(' ').toLowerCase()
  const longest = Math.max(completion?.length ?? 0, rejected?.length ?? 0)
  return (
    text.includes(filter.search.trim().toLowerCase()) &&
    (filter.source === undefined || example.source === filter.source) &&
    (filter.label === undefined || example.label === filter.label) &&
    (!filter.flaggedOnly || example.isFlagged) &&
    (filter.tag === undefined || (example.tags ?? []).includes(filter.tag)) &&
    (filter.isExcluded === undefined || (example.isExcluded ?? false) === filter.isExcluded) &&
    longest >= (filter.minCharacters ?? 0) &&
    longest <= (filter.maxCharacters ?? Infinity)
  )
}
