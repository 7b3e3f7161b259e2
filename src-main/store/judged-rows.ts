/** How many rows judgments had made of a run's datasets when it was launched: what it learns from, then and later. */
import type { RunInputs } from '../../src-shared/records/run'
import type { ReadableDb } from './handle'
import { keyIn } from './ids'
import { judgedExamples } from './judged-examples'

/** Nothing that was said up to a judgment changes any more: each is counted once. */
const counted = new WeakMap<ReadableDb, Map<string, number>>()

/** By dataset id; of those that judgments fill alone. */
export function judgedRowsOf(
  db: ReadableDb,
  inputs: RunInputs,
  watermark: number,
): Readonly<Record<string, number>> | undefined {
  const rows = Object.values(inputs)
    .flat()
    .flatMap((id): readonly (readonly [string, number])[] => {
      const key = keyIn('dataset', id)
      return key === undefined || !isJudged(db, key) ? [] : [[id, rowsAt(db, key, watermark)]]
    })
  return rows.length > 0 ? Object.fromEntries(rows) : undefined
}

const isJudged = (db: ReadableDb, datasetKey: number): boolean =>
  db.get("SELECT 1 FROM datasets WHERE id = ? AND origin = 'judgments'", datasetKey) !== undefined

function rowsAt(db: ReadableDb, datasetKey: number, watermark: number): number {
  const known = counted.get(db) ?? new Map<string, number>()
  counted.set(db, known)
  const name = `${datasetKey} ${watermark}`
  const rows = known.get(name) ?? judgedExamples(db, datasetKey, watermark).length
  known.set(name, rows)
  return rows
}
