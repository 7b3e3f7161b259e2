/** Metric points: what a run measured, by update. */
import { metricNames, type MetricName } from '../../src-shared/metrics'
import type { MetricPoint } from '../../src-shared/records/run'
import { keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

/** All points in one transaction. A point of the same name and step is replaced. */
export function appendPoints(db: WritableDb, runId: string, points: readonly MetricPoint[]): void {
  const key = keyOf('run', runId)
  db.transaction(() => {
    for (const { name, step, value } of points) {
      db.run(
        'INSERT OR REPLACE INTO metric_points (run_id, name, step, value) VALUES (?, ?, ?, ?)',
        key,
        name,
        step,
        value,
      )
    }
  })
}

/** Points after `sinceStep` (−1: all) up to `upToStep`, name by name, each in the order of its steps. */
export function pointsSince(
  db: ReadableDb,
  runId: string,
  sinceStep: number,
  upToStep = Number.MAX_SAFE_INTEGER,
): MetricPoint[] {
  const rows = db.all<{ name: string; step: number; value: number | null }>(
    `
    SELECT name, step, value FROM metric_points
    WHERE run_id = ? AND name IN (SELECT value FROM json_each(?)) AND step > ? AND step <= ?
    ORDER BY name, step`,
    keyOf('run', runId),
    JSON.stringify(metricNames),
    sinceStep,
    upToStep,
  )
  return rows.map(({ name, step, value }) => ({ name: name as MetricName, step, value: value ?? NaN }))
}

/** One metric of a run, whole: steps and values where it was a number. */
export function courseOf(
  db: ReadableDb,
  runId: string,
  name: MetricName,
): { readonly steps: number[]; readonly values: number[] } {
  const rows = db.all<{ step: number; value: number }>(
    'SELECT step, value FROM metric_points WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step',
    keyOf('run', runId),
    name,
  )
  return { steps: rows.map(({ step }) => step), values: rows.map(({ value }) => value) }
}

/**
 * One metric in at most `count` points (2 or more), thinned evenly; its first and its newest are among them.
 */
export function thinnedPoints(db: ReadableDb, runId: string, name: MetricName, count: number): MetricPoint[] {
  const key = keyOf('run', runId)
  const last =
    (db.get<{ points: number }>(
      'SELECT count(*) AS points FROM metric_points WHERE run_id = ? AND name = ?',
      key,
      name,
    )?.points ?? 0) - 1
  const every = Math.max(1, Math.ceil(last / (count - 1)))
  const rows = db.all<{ step: number; value: number | null }>(
    `
    SELECT step, value FROM (
      SELECT step, value, row_number() OVER (ORDER BY step) - 1 AS number
      FROM metric_points WHERE run_id = ? AND name = ?)
    WHERE number = ? OR number % ? = 0 ORDER BY step`,
    key,
    name,
    last,
    every,
  )
  return rows.map(({ step, value }) => ({ name, step, value: value ?? NaN }))
}

/** What a metric was last, up to a step; undefined where it was never measured, or was no number. */
export function newestValue(
  db: ReadableDb,
  runId: string,
  name: MetricName,
  upToStep = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const row = db.get<{ value: number | null }>(
    'SELECT value FROM metric_points WHERE run_id = ? AND name = ? AND step <= ? ORDER BY step DESC LIMIT 1',
    keyOf('run', runId),
    name,
    upToStep,
  )
  return row?.value ?? undefined
}

/** What each metric of a run was last, where that is a number. Goes from name to name, not over all points. */
export function newestValues(db: ReadableDb, runId: string): Partial<Record<MetricName, number>> {
  const key = keyOf('run', runId)
  const rows = db.all<{ name: string; value: number | null }>(
    `
    WITH RECURSIVE measured (name) AS (
      SELECT min(name) FROM metric_points WHERE run_id = ?
      UNION ALL
      SELECT (SELECT min(name) FROM metric_points WHERE run_id = ? AND name > measured.name)
      FROM measured WHERE measured.name IS NOT NULL)
    SELECT name, (
      SELECT value FROM metric_points
      WHERE run_id = ? AND metric_points.name = measured.name ORDER BY step DESC LIMIT 1) AS value
    FROM measured WHERE name IS NOT NULL`,
    key,
    key,
    key,
  )
  const known = new Set<string>(metricNames)
  return Object.fromEntries(
    rows
      .filter(({ name, value }) => value !== null && known.has(name))
      .map(({ name, value }) => [name, value]),
  )
}
