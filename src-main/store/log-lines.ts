/** What a run said, line by line. */
import type { LogLine } from '../../src-shared/records/run'
import { keyOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

export function appendLog(db: WritableDb, runId: string, lines: readonly LogLine[]): void {
  const key = keyOf('run', runId)
  db.transaction(() => {
    for (const { atMs, step, level, text } of lines)
      db.run(
        'INSERT INTO log_lines (run_id, at_ms, step, level, text) VALUES (?, ?, ?, ?, ?)',
        key,
        atMs,
        step ?? null,
        level,
        text,
      )
  })
}

/** In the order they came. */
export function logOf(db: ReadableDb, runId: string): readonly LogLine[] {
  const rows = db.all<Omit<LogLine, 'step'> & { readonly step: number | null }>(
    'SELECT at_ms AS atMs, step, level, text FROM log_lines WHERE run_id = ? ORDER BY id',
    keyOf('run', runId),
  )
  return rows.map(({ step, ...line }) => (step === null ? line : { ...line, step }))
}
