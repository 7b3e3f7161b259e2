/** Datasets that are wholly in. One that is being imported or removed is invisible here. */
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import { excludedIn } from './example-versions'
import { answeredRows, comparisonCounts } from './comparisons'
import { idOf, keyIn, keyOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'

/** Newest first. */
export function listDatasets(db: ReadableDb): readonly Dataset[] {
  return db
    .all<DatasetRow>(`${SELECT} WHERE state = 'ready' ORDER BY datasets.id DESC`)
    .map((row) => toDataset(db, row))
}

export function findDataset(db: ReadableDb, datasetId: string): Dataset | undefined {
  const key = keyIn('dataset', datasetId)
  const row =
    key === undefined
      ? undefined
      : db.get<DatasetRow>(`${SELECT} WHERE state = 'ready' AND datasets.id = ?`, key)
  return row && toDataset(db, row)
}

/** @throws StudioFailure not-found */
export function datasetOf(db: ReadableDb, datasetId: string): Dataset {
  return findDataset(db, datasetId) ?? missing('dataset', datasetId)
}

/** The dataset of this content, if it was imported before. */
export function datasetByContent(db: ReadableDb, contentHash: string): Dataset | undefined {
  const row = db.get<DatasetRow>(`${SELECT} WHERE state = 'ready' AND content_hash = ?`, contentHash)
  return row && toDataset(db, row)
}

export function renameDataset(db: WritableDb, datasetId: string, name: string): Dataset {
  db.run('UPDATE datasets SET name = ? WHERE id = ?', name, keyOf('dataset', datasetId))
  return datasetOf(db, datasetId)
}

/** The dataset that a label queue fills. @returns its key */
export function insertJudgmentDataset(
  db: WritableDb,
  { name, kind, createdAtMs }: Pick<Dataset, 'name' | 'kind' | 'createdAtMs'>,
): number {
  return db.run(
    `
    INSERT INTO datasets (name, kind, origin, state, rows, bytes, file_name, terms, created_at_ms)
    VALUES (
      ?, ?, 'judgments', 'ready', 0, 0, '',
      'Your own judgments of texts that your models wrote.', ?)`,
    name,
    kind,
    createdAtMs,
  ).lastId
}

const SELECT =
  'SELECT datasets.*, queues.id AS queue_id FROM datasets LEFT JOIN queues ON queues.dataset_id = datasets.id'

interface DatasetRow {
  id: number
  name: string
  kind: DatasetKind
  origin: Dataset['origin']
  rows: number
  bytes: number
  file_name: string
  terms: string
  created_at_ms: number
  queue_id: number | null
}

function toDataset(db: ReadableDb, row: DatasetRow): Dataset {
  const excluded = excludedIn(db, row.id)
  return {
    id: idOf('dataset', row.id),
    name: row.name,
    kind: row.kind,
    origin: row.origin,
    ...sizeOf(db, row),
    ...(excluded > 0 && { excluded }),
    fileName: row.file_name,
    terms: row.terms,
    createdAtMs: row.created_at_ms,
  }
}

/** Judgments make rows all the time, so theirs are counted when asked. */
function sizeOf(db: ReadableDb, row: DatasetRow): { rows: number; bytes: number } {
  if (row.queue_id === null) return { rows: row.rows, bytes: row.bytes }
  const queueId = idOf('queue', row.queue_id)
  const isPairs = row.kind === 'preferences'
  const bytes =
    db.get<{ bytes: number | null }>(
      `
    SELECT sum(octet_length(prompt) + octet_length(left_text) + octet_length(right_text)) AS bytes
    FROM comparisons WHERE queue_id = ? AND newest_judgment_id IS NOT NULL
      AND newest_verdict IN (${isPairs ? "'left', 'right'" : "'answer'"})`,
      row.queue_id,
    )?.bytes ?? 0
  return { rows: isPairs ? comparisonCounts(db, queueId).pairs : answeredRows(db, queueId), bytes }
}
