/** What is left of runs whose process ended without a word. Those that waited wait still. */
import type { Run } from '../../src-shared/records/run'
import { idOf } from './ids'
import { endRun, runOf } from './runs'
import type { WritableDb } from './handle'

/**
 * To be called once, when the registry has been opened: no process of an earlier start is alive then.
 * @param goesOn whether a run is under way elsewhere, and can be heard
 * @returns the runs it marked failed
 */
export function markAbandonedRuns(
  db: WritableDb,
  nowMs: number,
  goesOn: (runId: string) => boolean = () => false,
): readonly Run[] {
  return db.transaction(() =>
    db
      .all<{ id: number }>("SELECT id FROM runs WHERE state IN ('running', 'stopping') ORDER BY id")
      .map(({ id }) => runOf(db, idOf('run', id)))
      .filter(({ id }) => !goesOn(id))
      .map((run) => endRun(db, run.id, { state: 'failed', endedAtMs: nowMs, error: whatHappened(run) })),
  )
}

function whatHappened(run: Run): string {
  const ended = `The studio or its compute process ended while this run was at update ${run.step}.`
  const goesOn =
    run.resumableStep === undefined
      ? 'It has no checkpoint yet: start it again.'
      : `Resume continues from update ${run.resumableStep}.`
  return `${ended} ${goesOn}`
}
