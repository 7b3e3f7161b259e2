/**
 * Removing a run takes its points, samples, log and checkpoints with it, and is refused while something else
 * stands on them.
 */
import { StudioFailure } from '../../src-shared/result'
import { filesOfRun } from './checkpoints'
import { keyOf } from './ids'
import { runsBuiltOn } from './run-inputs'
import { runOf } from './runs'
import type { ReadableDb, WritableDb } from './handle'

/**
 * @returns files that no row names any more, absolute: to be deleted now that the rows are gone
 * @throws StudioFailure in-use, while it is active or another run, an adapter or a label queue uses one of
 *   its checkpoints
 */
export function removeRun(db: WritableDb, runId: string): readonly string[] {
  return db.transaction(() => {
    const key = keyOf('run', runId)
    const by = userOf(db, runId, key)
    if (by !== undefined) throw new StudioFailure({ kind: 'in-use', what: 'run', by })
    const files = filesOfRun(db, key)
    db.run('DELETE FROM checkpoints WHERE run_id = ?', key)
    db.run('DELETE FROM runs WHERE id = ?', key)
    return files
  })
}

/** What keeps a run from being removed. @throws StudioFailure not-found */
export const userOfRun = (db: ReadableDb, runId: string): string | undefined =>
  userOf(db, runId, keyOf('run', runId))

function userOf(db: ReadableDb, runId: string, key: number): string | undefined {
  const { state } = runOf(db, runId)
  if (state === 'queued' || state === 'running' || state === 'stopping')
    return `its own training, which is ${state}`
  const [run] = runsBuiltOn(db, key)
  if (run !== undefined) return `the run “${run}”`
  const adapter = db.get<{ name: string }>(
    `
    SELECT name FROM checkpoints WHERE base_id IN (SELECT id FROM checkpoints WHERE run_id = ?) ORDER BY id LIMIT 1`,
    key,
  )
  if (adapter) return `the adapter “${adapter.name}”`
  const queue = db.get<{ name: string }>(
    'SELECT name FROM queues WHERE checkpoint_id IN (SELECT id FROM checkpoints WHERE run_id = ?)',
    key,
  )
  return queue && `the label queue “${queue.name}”`
}
