/**
 * Which job on which cluster a run is, while it is under way there, and how much of what it says is written down. A
 * studio that ends finds it again.
 */
import { keyOf, idOf } from './ids'
import type { ReadableDb, WritableDb } from './handle'

export interface RemoteJob {
  /** Its name; where it is, this user's own list says. */
  readonly cluster: string
  readonly id: string
  /** The newest line of it that is in the registry. */
  readonly heard: number
}

export function rememberJob(db: WritableDb, runId: string, { cluster, id, heard }: RemoteJob): void {
  db.run(
    'INSERT OR REPLACE INTO remote_jobs (run_id, cluster, job, heard) VALUES (?, ?, ?, ?)',
    keyOf('run', runId),
    cluster,
    id,
    heard,
  )
}

export function remoteJobOf(db: ReadableDb, runId: string): RemoteJob | undefined {
  return db.get<{ cluster: string; id: string; heard: number }>(
    'SELECT cluster, job AS id, heard FROM remote_jobs WHERE run_id = ?',
    keyOf('run', runId),
  )
}

/** Runs that go on elsewhere, oldest first. */
export function remoteRuns(db: ReadableDb): readonly string[] {
  return db
    .all<{ run_id: number }>(
      `
    SELECT run_id FROM remote_jobs JOIN runs ON runs.id = run_id
    WHERE state IN ('running', 'stopping') ORDER BY run_id`,
    )
    .map((row) => idOf('run', row.run_id))
}

export function markHeard(db: WritableDb, runId: string, line: number): void {
  db.run('UPDATE remote_jobs SET heard = ? WHERE run_id = ?', line, keyOf('run', runId))
}

/** Its run has ended, here or there. */
export function forgetJob(db: WritableDb, runId: string): void {
  db.run('DELETE FROM remote_jobs WHERE run_id = ?', keyOf('run', runId))
}
