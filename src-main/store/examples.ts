/** Examples of a dataset: by the page for people, by the thousand for training. */
import type { Example, ExampleFilter, ExamplePage } from '../../src-shared/records/example'
import { findDataset, datasetOf } from './datasets'
import { isEmptyFilter, matching } from './example-filter'
import { datasetKeyOf, exampleKey, keyRange, rowOf } from './example-keys'
import { withTextsOf } from './edited-texts'
import { withMarks, type KnownUntil } from './example-versions'
import { idOf, keyOf, missing } from './ids'
import { judgedExamples, matchingJudged, placeOfRow } from './judged-examples'
import { partsInColumns, type PartColumns } from './turns'
import type { ReadableDb, WritableDb } from './handle'

export interface PageRequest {
  readonly filter: ExampleFilter
  readonly offset: number
  readonly limit: number
}

/** @throws StudioFailure not-found */
export function pageOfExamples(
  db: ReadableDb,
  datasetId: string,
  { filter, offset, limit }: PageRequest,
): ExamplePage {
  const { origin, rows: total } = datasetOf(db, datasetId)
  const key = keyOf('dataset', datasetId)
  if (origin === 'judgments') {
    const found = matchingJudged(db, key, filter)
    return { total: found.length, rows: found.slice(offset, offset + limit) }
  }
  if (isEmptyFilter(filter))
    return { total, rows: rowsBetween(db, exampleKey(key, offset + 1), exampleKey(key, offset + limit)) }
  return matchingPage(db, key, { filter, offset, limit })
}

function matchingPage(
  db: ReadableDb,
  datasetKey: number,
  { filter, offset, limit }: PageRequest,
): ExamplePage {
  const { key, sql, values } = matching(datasetKey, filter)
  const total = db.get<{ n: number }>(`SELECT count(*) AS n ${sql}`, ...values)?.n ?? 0
  const rows = db.all<ExampleRow>(
    `
    SELECT * FROM examples WHERE id IN (SELECT ${key} ${sql} ORDER BY ${key} LIMIT ? OFFSET ?) ORDER BY id`,
    ...values,
    limit,
    offset,
  )
  return { total, rows: withMarks(db, rows.map(toExample)) }
}

/** One example, also one that is left out. @throws StudioFailure not-found */
export function exampleOf(db: ReadableDb, exampleId: number): Example {
  const key = datasetKeyOf(exampleId)
  const origin = findDataset(db, idOf('dataset', key))?.origin
  const found =
    origin === 'judgments'
      ? withMarks(db, judgedExamples(db, key)).find(({ id }) => id === exampleId)
      : origin && rowsBetween(db, exampleId, exampleId)[0]
  return found ?? missing('example', String(exampleId))
}

/** Marks an example, or takes the mark away. @throws StudioFailure not-found */
export function flagExample(db: WritableDb, exampleId: number, isFlagged: boolean): void {
  const datasetKey = datasetKeyOf(exampleId)
  const origin = findDataset(db, idOf('dataset', datasetKey))?.origin
  const changed =
    origin === 'judgments'
      ? db.run(
          'UPDATE comparisons SET is_flagged = ? WHERE queue_id = (SELECT id FROM queues WHERE ' +
            'dataset_id = ?) AND place = ?',
          Number(isFlagged),
          datasetKey,
          placeOfRow(rowOf(exampleId)),
        )
      : db.run('UPDATE examples SET is_flagged = ? WHERE id = ?', Number(isFlagged), exampleId)
  if (origin === undefined || changed.changes === 0) missing('example', String(exampleId))
}

/** Rows read at once while a dataset goes by: a few hundred kilobytes of text. */
const AT_ONCE = 2000

/**
 * The examples of a dataset that are learned from, in the order of their rows, read as they are taken.
 * @throws StudioFailure not-found
 */
export function* examplesOf(db: ReadableDb, datasetId: string, until?: KnownUntil): Generator<Example> {
  for (const example of everyExampleOf(db, datasetId, until)) if (!example.isExcluded) yield example
}

/** Those that are left out of training among them. @throws StudioFailure not-found */
export function* everyExampleOf(
  db: ReadableDb,
  datasetId: string,
  { judgment, version }: KnownUntil = {},
): Generator<Example> {
  const { origin, rows } = datasetOf(db, datasetId)
  const key = keyOf('dataset', datasetId)
  if (origin === 'judgments') return yield* withMarks(db, judgedExamples(db, key, judgment), version)
  for (let row = 1; row <= rows; row += AT_ONCE)
    yield* rowsBetween(db, exampleKey(key, row), exampleKey(key, row + AT_ONCE - 1), version)
}

function rowsBetween(db: ReadableDb, first: number, last: number, version?: number): readonly Example[] {
  const [, end] = keyRange(datasetKeyOf(first))
  const rows = db.all<ExampleRow>(
    'SELECT * FROM examples WHERE id BETWEEN ? AND ? ORDER BY id',
    first,
    Math.min(last, end),
  )
  const examples = rows.map(toExample)
  return withMarks(db, version === undefined ? examples : withTextsOf(db, examples, version), version)
}

interface ExampleRow extends PartColumns {
  id: number
  dataset_id: number
  row: number
  is_flagged: number
  label: number | null
  source: string | null
}

const toExample = (row: ExampleRow): Example => ({
  id: row.id,
  datasetId: idOf('dataset', row.dataset_id),
  row: row.row,
  isFlagged: row.is_flagged === 1,
  ...partsInColumns(row),
  ...(row.label !== null && { label: row.label }),
  ...(row.source !== null && { source: row.source }),
})
