/** Tags of examples and which are left out of training: now, and as a run knew it when it was launched. */
import type { Dataset, DatasetSummary } from '../../src-shared/records/dataset'
import type { Example } from '../../src-shared/records/example'
import type { ExampleMark, ExampleMarks } from '../../src-shared/records/example-marks'
import { datasetKeyOf, keyRange } from './example-keys'
import type { ReadableDb, WritableDb } from './handle'
import { missing } from './ids'
import { storedJson } from './stored-json'

/** What a run knows of: no later judgment, and no later version of an example. Absent: all that there is. */
export interface KnownUntil {
  readonly judgment?: number
  readonly version?: number
}

/** All of them or none. @throws StudioFailure not-found */
export function markExamples(db: WritableDb, marks: readonly ExampleMark[], saidAtMs: number): void {
  db.transaction(() => {
    for (const mark of marks) append(db, mark, saidAtMs)
  })
}

function append(db: WritableDb, { exampleId, isExcluded, tags }: ExampleMark, saidAtMs: number): void {
  if (!isThere(db, exampleId)) missing('example', String(exampleId))
  const now = db.get<MarkColumns>('SELECT * FROM marked_examples WHERE example_id = ?', exampleId)
  db.run(
    'INSERT INTO example_versions (example_id, is_excluded, tags, said_at_ms) VALUES (?, ?, ?, ?)',
    exampleId,
    isExcluded === undefined ? (now?.is_excluded ?? 0) : Number(isExcluded),
    tags === undefined ? (now?.tags ?? '[]') : JSON.stringify([...new Set(tags)]),
    saidAtMs,
  )
}

/** Rows that judgments make have no row of their own in the table of examples. */
function isThere(db: ReadableDb, exampleId: number): boolean {
  const origin = db.get<Pick<Dataset, 'origin'>>(
    "SELECT origin FROM datasets WHERE state = 'ready' AND id = ?",
    datasetKeyOf(exampleId),
  )?.origin
  if (origin === undefined || origin === 'judgments') return origin !== undefined
  return db.get('SELECT 1 FROM examples WHERE id = ?', exampleId) !== undefined
}

/** The newest version of any example; 0 before the first. */
export const newestVersion = (db: ReadableDb): number =>
  db.get<{ id: number | null }>('SELECT max(id) AS id FROM example_versions')?.id ?? 0

/** The newest version of one of the dataset's examples; 0 before the first. */
export const newestVersionIn = (db: ReadableDb, datasetKey: number): number =>
  db.get<{ id: number | null }>(
    'SELECT max(version_id) AS id FROM marked_examples WHERE example_id BETWEEN ? AND ?',
    ...keyRange(datasetKey),
  )?.id ?? 0

export const excludedIn = (db: ReadableDb, datasetKey: number): number =>
  db.get<{ n: number }>(
    'SELECT count(*) AS n FROM marked_examples WHERE is_excluded = 1 AND example_id BETWEEN ? AND ?',
    ...keyRange(datasetKey),
  )?.n ?? 0

export function tagsIn(db: ReadableDb, datasetKey: number): NonNullable<DatasetSummary['tags']> {
  const rows = new Map<string, number>()
  const marked = db.all<{ tags: string }>(
    "SELECT tags FROM marked_examples WHERE tags <> '[]' AND example_id BETWEEN ? AND ?",
    ...keyRange(datasetKey),
  )
  for (const { tags } of marked)
    for (const tag of storedJson<readonly string[]>(tags) ?? []) rows.set(tag, (rows.get(tag) ?? 0) + 1)
  return [...rows].map(([tag, count]) => ({ tag, rows: count })).sort((a, b) => b.rows - a.rows)
}

/** The examples, all of one dataset, with what was said of them. */
export function withMarks(
  db: ReadableDb,
  examples: readonly Example[],
  version?: number,
): readonly Example[] {
  const [first] = examples
  if (!first) return examples
  const ids = examples.map(({ id }) => id)
  const range = [ids.reduce((a, b) => Math.min(a, b)), ids.reduce((a, b) => Math.max(a, b))] as const
  const marks = marksBetween(db, range, version)
  return marks.size === 0 ? examples : examples.map((example) => ({ ...example, ...marks.get(example.id) }))
}

interface MarkColumns {
  readonly example_id: number
  readonly is_excluded: number
  readonly tags: string
}

function marksBetween(
  db: ReadableDb,
  [first, last]: readonly [number, number],
  version: number | undefined,
): ReadonlyMap<number, ExampleMarks> {
  const rows =
    version === undefined
      ? db.all<MarkColumns>('SELECT * FROM marked_examples WHERE example_id BETWEEN ? AND ?', first, last)
      : db.all<MarkColumns>(
          `
          SELECT example_id, is_excluded, tags FROM example_versions AS said
          WHERE example_id BETWEEN ? AND ? AND id = (
            SELECT max(id) FROM example_versions WHERE example_id = said.example_id AND id <= ?)`,
          first,
          last,
          version,
        )
  return new Map(rows.map((row) => [row.example_id, marksIn(row)]))
}

function marksIn({ is_excluded, tags }: MarkColumns): ExampleMarks {
  const said = storedJson<readonly string[]>(tags) ?? []
  return { ...(is_excluded === 1 && { isExcluded: true }), ...(said.length > 0 && { tags: said }) }
}
