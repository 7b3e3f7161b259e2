/** Runs are tagged, noted, pinned, put away or thrown into the bin: several at once, all or none. */
import type { Run } from '../../src-shared/records/run'
import type { RunMark } from '../../src-shared/records/run-marks'
import { StudioFailure } from '../../src-shared/result'
import type { WritableDb } from '../store/handle'
import { markRun } from '../store/run-marks'
import { runOf } from '../store/runs'

/** @throws StudioFailure in-use, for a run at work that is to go into the bin; not-found */
export function markRuns(db: WritableDb, marks: readonly RunMark[]): readonly Run[] {
  return db.transaction(() =>
    marks.map((mark) => {
      if (mark.shelf === 'bin') insistOnRest(runOf(db, mark.runId))
      markRun(db, mark)
      return runOf(db, mark.runId)
    }),
  )
}

function insistOnRest({ name, state }: Run): void {
  if (state === 'queued' || state === 'running' || state === 'stopping')
    throw new StudioFailure({
      kind: 'in-use',
      what: 'run',
      by: `its own training: “${name}” is ${state}`,
    })
}
