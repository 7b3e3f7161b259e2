/**
 * Removing a checkpoint is refused while a run, an adapter or a label queue stands on it, or its own run
 * would go on from it.
 */
import { StudioFailure } from '../../src-shared/result'
import { checkpointOf, deletableFilesOf, resumableCheckpoints } from './checkpoints'
import { keyOf } from './ids'
import { runOf } from './runs'
import type { ReadableDb, WritableDb } from './handle'

/**
 * @returns files that no row names any more, absolute: to be deleted now that the row is gone
 * @throws StudioFailure not-found; in-use, naming the first that uses it
 */
export function removeCheckpoint(db: WritableDb, checkpointId: string): readonly string[] {
  return db.transaction(() => {
    const by = userOf(db, checkpointId)
    if (by !== undefined) throw new StudioFailure({ kind: 'in-use', what: 'checkpoint', by })
    const files = deletableFilesOf(db, checkpointId)
    db.run('DELETE FROM checkpoints WHERE id = ?', keyOf('checkpoint', checkpointId))
    return files
  })
}

/** What keeps a checkpoint from being removed. @throws StudioFailure not-found */
export const userOfCheckpoint = (db: ReadableDb, checkpointId: string): string | undefined =>
  userOf(db, checkpointId)

function userOf(db: ReadableDb, checkpointId: string): string | undefined {
  const { runId } = checkpointOf(db, checkpointId)
  const key = keyOf('checkpoint', checkpointId)
  const run = db.get<{ name: string }>(
    'SELECT name FROM runs WHERE id IN (SELECT run_id FROM run_inputs WHERE checkpoint_id = ?) ORDER BY ' +
      'id LIMIT 1',
    key,
  )
  if (run) return `the run “${run.name}”`
  const adapter = db.get<{ name: string }>(
    'SELECT name FROM checkpoints WHERE base_id = ? ORDER BY id LIMIT 1',
    key,
  )
  if (adapter) return `the adapter “${adapter.name}”`
  const queue = db.get<{ name: string }>('SELECT name FROM queues WHERE checkpoint_id = ?', key)
  if (queue) return `the label queue “${queue.name}”`
  const arena = db.get<{ name: string }>(
    'SELECT name FROM queues WHERE id IN (SELECT queue_id FROM contenders WHERE checkpoint_id = ?) LIMIT 1',
    key,
  )
  if (arena) return `the arena “${arena.name}”`
  return runId === undefined ? undefined : itsOwnRun(db, runId, checkpointId)
}

function itsOwnRun(db: ReadableDb, runId: string, checkpointId: string): string | undefined {
  const { name, state } = runOf(db, runId)
  if (state === 'queued' || state === 'running' || state === 'stopping')
    return `its own training, which is ${state}`
  const goesOnHere =
    state !== 'finished' && resumableCheckpoints(db, runId)[0]?.checkpoint.id === checkpointId
  return goesOnHere ? `the run “${name}”, which can be resumed from it` : undefined
}
