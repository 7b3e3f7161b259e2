import { describe, expect, it } from 'vitest'
import { checkpointsOfRun, resumableCheckpoints } from '../../src-main/store/checkpoints'
import { nextComparisons } from '../../src-main/store/comparisons'
import type { ReadableDb, SqlValue, WritableDb } from '../../src-main/store/handle'
import { datasetByContent } from '../../src-main/store/datasets'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { markExamples } from '../../src-main/store/example-versions'
import { examplesOf, flagExample, pageOfExamples } from '../../src-main/store/examples'
import { judge, judgmentWatermark, labelProgress, undoJudgment } from '../../src-main/store/judgments'
import { logOf } from '../../src-main/store/log-lines'
import { pointsSince, thinnedPoints } from '../../src-main/store/metric-points'
import { removeRun } from '../../src-main/store/remove-run'
import { createRun, endRun, recordProgress, requeueRun, runOf, startRun } from '../../src-main/store/runs'
import { samplesOfRun } from '../../src-main/store/samples'
import type { ExampleFilter } from '../../src-shared/records/example'
import { testCheckpoint, testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'

/** The handle, noting each statement that goes through it. */
function listening<Db extends ReadableDb>(
  db: Db,
): { readonly db: Db; readonly statements: Map<string, readonly SqlValue[]> } {
  const statements = new Map<string, readonly SqlValue[]>()
  const heard = <F extends (sql: string, ...values: SqlValue[]) => unknown>(method: F): F =>
    ((sql, ...values) => {
      statements.set(sql, values)
      return method(sql, ...values)
    }) as F
  const methods = Object.fromEntries(
    (['all', 'get', 'run'] as const)
      .filter((name) => name in db)
      .map((name) => [name, heard((db as unknown as WritableDb)[name] as never)]),
  )
  return { db: Object.assign(Object.create(db) as Db, methods), statements }
}

/**
 * Steps of a statement that walk through a whole table that grows. The short lists of datasets, queues and
 * runs are read whole on purpose.
 */
function scans(db: ReadableDb, sql: string, values: readonly SqlValue[]): readonly string[] {
  return db
    .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    .map((step) => step.detail)
    .filter((detail) =>
      /\bSCAN (examples|example_versions|marked_examples|said|comparisons|judgments|later|metric_points|samples|log_lines|checkpoints|run_inputs)\b/.test(
        detail,
      ),
    )
}

const page = (filter: Partial<ExampleFilter>) => (db: WritableDb, id: string) =>
  pageOfExamples(db, id, { filter: { search: '', ...filter }, offset: 2, limit: 2 })

describe('no statement walks through a whole table', () => {
  it.each<[string, (db: WritableDb, datasetId: string) => unknown]>([
    ['a page', page({})],
    ['a page of a search', page({ search: 'good qual' })],
    [
      'a page of a filter',
      page({ label: 1, source: 'a', flaggedOnly: true, minCharacters: 2, maxCharacters: 9 }),
    ],
    ['a page of both', page({ search: 'good', label: 1 })],
    ['a summary', (db, id) => summaryOf(db, id, { search: '' })],
    ['a summary of a search', (db, id) => summaryOf(db, id, { search: 'good' })],
    ['examples for training', (db, id) => [...examplesOf(db, id)]],
    ['a flag', (db) => flagExample(db, 2 ** 32 + 1, true)],
    ['a page of a tag', page({ tag: 'a', isExcluded: false })],
    ['a mark', (db) => markExamples(db, [{ exampleId: 2 ** 32 + 1, isExcluded: true }], 1)],
    ['examples as a run knew them', (db, id) => [...examplesOf(db, id, { version: 3 })]],
    ['content looked up', (db) => datasetByContent(db, 'a hash')],
  ])('for %s of a dataset', (_, act) => {
    const raw = testRegistry()
    const { id } = importedDataset(
      raw,
      'labelled',
      ['good quality', 'bad'].map((completion) => ({ completion, label: 1, source: 'a' })),
    )
    expectNoScan(raw, (db) => act(db, id))
  })

  it('for labelling', () => {
    const raw = testRegistry()
    const { queue, comparisons } = testQueue(raw, 3)
    expectNoScan(raw, (db) => {
      nextComparisons(db, queue.id, 2, [comparisons[0]!.id])
      judge(db, { comparisonId: comparisons[1]!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
      labelProgress(db, queue.id)
      pageOfExamples(db, queue.datasetId, { filter: { search: 'x' }, offset: 0, limit: 2 })
      undoJudgment(db, { queueId: queue.id, nowMs: 2, window: 'one', others: [] })
      judgmentWatermark(db)
    })
  })

  it('for a run', () => {
    const raw = testRegistry()
    const { id } = createRun(raw, {
      name: 'a',
      recipe: 'sft',
      settings: {},
      inputs: { policy: [testCheckpoint(raw).id] },
      device: 'cpu',
      programVersion: '1',
      createdAtMs: 1,
    })
    expectNoScan(raw, (db) => {
      startRun(db, id, 1)
      recordProgress(db, id, { step: 1, totalSteps: 2 })
      pointsSince(db, id, 5)
      thinnedPoints(db, id, 'loss/train', 9)
      samplesOfRun(db, id)
      logOf(db, id)
      checkpointsOfRun(db, id)
      resumableCheckpoints(db, id)
      testCheckpoint(db, { runId: id, step: 3, isResumable: true })
      endRun(db, id, { state: 'failed', endedAtMs: 1 })
      requeueRun(db, id)
      endRun(db, id, { state: 'stopped', endedAtMs: 1 })
      runOf(db, id)
      removeRun(db, id)
    })
  })

  it('and the check would notice one', () => {
    const raw = testRegistry()
    expect(() => expectNoScan(raw, (db) => db.all("SELECT * FROM examples WHERE completion = 'x'"))).toThrow()
    expect(() =>
      expectNoScan(raw, (db) => db.all('SELECT * FROM judgments WHERE judged_at_ms > 3')),
    ).toThrow()
  })
})

function expectNoScan(raw: WritableDb, act: (db: WritableDb) => unknown): void {
  const { db, statements } = listening(raw)
  act(db)
  expect(statements.size).toBeGreaterThan(0)
  for (const [sql, values] of statements)
    expect({ sql, scans: scans(raw, sql, values) }).toEqual({ sql, scans: [] })
}
