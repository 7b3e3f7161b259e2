/** What a run said, line by line. */
import type { LogLine } from '../../src-shared/records'
import { keyOf } from './ids'
import type { ReadableDb, WritableDb } from './database'

export function appendLog(db: WritableDb, runId: string, lines: readonly LogLine[]): void {
  const key = keyOf('run', runId)
  db.transaction(() => {
    for (const { atMs, level, text } of lines) db.run('INSERT INTO log_lines (run_id, at_ms, level, text) VALUES (?, ?, ?, ?)', key, atMs, level, text)
  })
}

/** In the order they came. */
export function logOf(db: ReadableDb, runId: string): readonly LogLine[] {
  return db.all<LogLine>('SELECT at_ms AS atMs, level, text FROM log_lines WHERE run_id = ? ORDER BY id', keyOf('run', runId))
}
