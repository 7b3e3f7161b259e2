/** Datasets: what models learn from. */
import { bundledDataset } from '../datasets/bundled-datasets'
import { nowAndOnChange } from '../changes/topic'
import { exportDataset } from '../datasets/export-dataset'
import { importDataset } from '../datasets/import-dataset'
import { resourcesFolder } from '../places/resources-folder'
import type { Handlers } from '../border/serve'
import { summaryOf } from '../store/dataset-summary'
import { listDatasets, renameDataset } from '../store/datasets'
import { editExample } from '../store/edit-example'
import { markExamples } from '../store/example-versions'
import { flagExample, pageOfExamples } from '../store/examples'
import { purgeRemoved, removeDataset } from '../store/remove-dataset'
import { atTimes } from './at-times'
import type { StudioParts } from './studio-parts'

type DatasetCalls =
  | 'datasets.list'
  | 'datasets.preview'
  | 'datasets.bundled'
  | 'datasets.page'
  | 'datasets.summary'
  | 'datasets.flag'
  | 'datasets.mark'
  | 'datasets.edit'
  | 'datasets.rename'
  | 'datasets.export'
  | 'datasets.remove'
  | 'datasets.tokens'
  | 'datasets.rendered'

export const datasetCalls = ({
  db,
  changes,
  reader,
  files,
  now,
}: StudioParts): Pick<Handlers['calls'], DatasetCalls> => ({
  'datasets.list': () => listDatasets(db),
  'datasets.preview': ({ path, ...wish }, signal) => files.preview(path, wish, signal),
  'datasets.bundled': async ({ fileName }) => {
    const dataset = await bundledDataset(db, { resources: resourcesFolder(), fileName, nowMs: now() })
    changes.datasets.publish()
    return dataset
  },
  'datasets.page': ({ datasetId, ...request }) => pageOfExamples(db, datasetId, request),
  'datasets.summary': ({ datasetId, filter }) => summaryOf(db, datasetId, filter),
  'datasets.flag': ({ exampleId, isFlagged }) => flagExample(db, exampleId, isFlagged),
  'datasets.mark': ({ marks }) => {
    markExamples(db, marks, now())
    changes.datasets.publish()
  },
  'datasets.edit': (edit) => {
    const edited = editExample(db, edit, now())
    changes.datasets.publish()
    return edited
  },
  'datasets.rename': ({ datasetId, name }) => {
    const renamed = renameDataset(db, datasetId, name)
    changes.datasets.publish()
    return renamed
  },
  'datasets.export': (request, signal) => exportDataset(db, request, signal),
  'datasets.remove': async ({ datasetId }) => {
    removeDataset(db, datasetId)
    changes.datasets.publish()
    await purgeRemoved(db)
  },
  'datasets.tokens': (request) => reader.tokens(request),
  'datasets.rendered': (request) => reader.rendered(request),
})

type DatasetStreams = 'datasets.import' | 'datasets.near' | 'datasets.tokenLengths' | 'datasets.watch'

export const datasetStreams = ({
  db,
  changes,
  files,
  uploads,
  now,
  openLibrary,
}: StudioParts): Pick<Handlers['streams'], DatasetStreams> => ({
  async *'datasets.near'(question, signal) {
    const library = openLibrary()
    try {
      yield* library.near(question, signal)
    } finally {
      library.close()
    }
  },
  async *'datasets.tokenLengths'(question, signal) {
    const library = openLibrary()
    try {
      yield* library.tokenLengths(question, signal)
    } finally {
      library.close()
    }
  },
  async *'datasets.import'(request, signal) {
    const wanted = { ...request, origin: 'imported', createdAtMs: now() } as const
    try {
      for await (const progress of atTimes(now, importDataset(db, wanted, signal, files.read))) {
        if (progress.done) changes.datasets.publish()
        yield progress
      }
    } finally {
      await uploads.discard(request.path)
    }
  },
  'datasets.watch': (_, signal) => nowAndOnChange(changes.datasets, () => listDatasets(db), signal),
})
