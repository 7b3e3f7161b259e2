/** What is asked of datasets. */
import { z } from 'zod'
import { datasetContainers, datasetForms, type ExportedDataset } from '../records/export'
import type { Dataset, DatasetSummary, ImportPreview, ImportProgress } from '../records/dataset'
import { exampleEdit, exampleMark, mostExamplesMarked } from '../records/example-marks'
import type { Example, ExamplePage, RenderedView, TokenView } from '../records/example'
import { comparedParts, type NearProgress } from '../records/near'
import type { TokenLengthsProgress } from '../records/token-lengths'
import { fetched, filter, readingWish } from '../dataset-schema'
import { id, name } from '../launch-schema'
import { call, stream } from './row'

export const datasetsCalls = {
  'datasets.list': call({}).returns<readonly Dataset[]>(),
  /** What a file would be read as, by its first rows: nothing is stored. `path` is a local file. */
  'datasets.preview': call({ path: z.string().min(1), ...readingWish }).returns<ImportPreview>(),
  'datasets.page': call({
    datasetId: id,
    filter,
    offset: z.number().int().min(0),
    limit: z.number().int().min(1).max(500),
  }).returns<ExamplePage>(),
  'datasets.summary': call({ datasetId: id, filter }).returns<DatasetSummary>(),
  'datasets.flag': call({ exampleId: z.number().int(), isFlagged: z.boolean() }).returns<void>(),
  /** Tags examples, leaves them out of training, or takes them in again: all of them or none. */
  'datasets.mark': call({
    marks: z.array(exampleMark).min(1, 'must not be empty').max(mostExamplesMarked),
  }).returns<void>(),
  /** Writes an example anew: its former texts are kept, and runs that were launched with them keep them. */
  'datasets.edit': call({ ...exampleEdit.shape }).returns<Example>(),
  'datasets.rename': call({ datasetId: id, name }).returns<Dataset>(),
  /** A dataset that comes with the program, by its file: brought into the registry unless it is there. */
  'datasets.bundled': call({ fileName: z.string().min(1).max(200) }).returns<Dataset>(),
  /** Writes a dataset into a new file inside `folder`, which lies on main's machine. */
  'datasets.export': call({
    datasetId: id,
    form: z.enum(datasetForms),
    container: z.enum(datasetContainers),
    /** Whether the rows that are left out of training go with the others. */
    withExcluded: z.boolean().optional(),
    folder: z.string().trim().min(1, 'must not be empty').max(4000),
  }).returns<ExportedDataset>(),
  'datasets.remove': call({ datasetId: id }).returns<void>(),
  /** Tokens of a text under a checkpoint's tokenizer, or under the characters of the dataset itself. */
  'datasets.tokens': call({
    text: z.string().max(100_000),
    datasetId: id,
    checkpointId: id.optional(),
  }).returns<TokenView>(),
  /** An example as a model reads it: its template, the ids, and which of them are learned. */
  'datasets.rendered': call({
    exampleId: z.number().int().min(1),
    checkpointId: id,
    part: z.enum(['completion', 'rejected']),
  }).returns<RenderedView>(),
}

export const datasetsStreams = {
  /** Imports one file whole, or nothing of it. `path` is a local file. */
  'datasets.import': stream({
    path: z.string().min(1),
    name: name.optional(),
    ...readingWish,
  }).of<ImportProgress>(),
  /** Fetches a dataset's files from the hub, goes on where that was cut off, and imports them as one. */
  'datasets.fetch': stream({ ...fetched, ...readingWish }).of<ImportProgress>(),
  /**
   * Rows that are much alike: of one dataset, or of one in another, as a training set in what is held out. How far it
   * is, and last the report.
   */
  'datasets.near': stream({
    datasetId: id,
    againstId: id.optional(),
    part: z.enum(comparedParts),
    threshold: z.number().min(0.3, 'must be at least 0.3').max(1, 'must be at most 1'),
  }).of<NearProgress>(),
  /** How long the rows are in a checkpoint's tokens. How far it is, and last all lengths. */
  'datasets.tokenLengths': stream({ datasetId: id, checkpointId: id }).of<TokenLengthsProgress>(),
  /** The list of datasets again whenever it changes; what judgments add to one is counted every two seconds. */
  'datasets.watch': stream({}).of<readonly Dataset[]>(),
}
