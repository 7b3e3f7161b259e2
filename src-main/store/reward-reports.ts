/** What reward models were worth on examples they never saw: one report a run, row by row. */
import { isReportPart, type ReportRow, type RewardReport } from '../../src-shared/records/reward-report'
import { keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

/** In place of what was measured before. */
export function replaceReport(db: WritableDb, runId: string, { step, rows }: RewardReport): void {
  const key = keyOf('run', runId)
  db.transaction(() => {
    db.run('DELETE FROM reward_reports WHERE run_id = ?', key)
    for (const [place, row] of rows.entries())
      db.run(
        `
        INSERT INTO reward_reports (run_id, place, step, part, name, count, value, low, high, said)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        key,
        place,
        step,
        row.part,
        row.name,
        row.count,
        row.value,
        row.low ?? null,
        row.high ?? null,
        row.said ?? null,
      )
  })
}

interface StoredRow {
  readonly step: number
  readonly part: string
  readonly name: string
  readonly count: number
  readonly value: number
  readonly low: number | null
  readonly high: number | null
  readonly said: number | null
}

/** @returns undefined where nothing was measured */
export function reportOf(db: ReadableDb, runId: string): RewardReport | undefined {
  const stored = db.all<StoredRow>(
    'SELECT step, part, name, count, value, low, high, said FROM reward_reports WHERE run_id = ? ORDER BY place',
    keyOf('run', runId),
  )
  const rows = stored.flatMap(({ part, name, count, value, low, high, said }): readonly ReportRow[] =>
    isReportPart(part)
      ? [
          {
            part,
            name,
            count,
            value,
            ...(low !== null && { low }),
            ...(high !== null && { high }),
            ...(said !== null && { said }),
          },
        ]
      : [],
  )
  return stored[0] && { step: stored[0].step, rows }
}
