/** What of a sweep goes on when it is taken up again. */
import type { Run } from '../../src-shared/records/run'
import type { WritableDb } from '../store/handle'
import { listRuns, runOf } from '../store/runs'
import { sweepOf } from '../store/sweeps'
import { studioClosed, type RunSupervisor } from './run-supervisor'

interface Resuming {
  readonly db: WritableDb
  readonly supervisor: Pick<RunSupervisor, 'resume'>
}

/** Everything that has not ended by itself: from its checkpoint, or from the beginning. */
export function resumeSweep({ db, supervisor }: Resuming, sweepId: string): void {
  for (const runId of sweepOf(db, sweepId).runIds) {
    const run = runOf(db, runId)
    if (run.state === 'failed' || (run.state === 'stopped' && !wasBehind(run)))
      supervisor.resume(runId, { orAfresh: true })
  }
}

/**
 * Runs of sweeps that the end of the studio cut short go on with its next start. One that was lost before its first
 * checkpoint may be what took the studio down: it waits for a person.
 * @param lost runs that were found without their process
 */
export function resumeCutShort({ db, supervisor }: Resuming, lost: readonly Run[]): void {
  const cutShort = new Set(
    lost.filter(({ resumableStep }) => resumableStep !== undefined).map(({ id }) => id),
  )
  for (const run of listRuns(db)) {
    if (run.sweepId === undefined) continue
    if (cutShort.has(run.id) || run.stopReason === studioClosed) supervisor.resume(run.id, { orAfresh: true })
  }
}

const wasBehind = ({ stopReason }: Run): boolean => stopReason !== undefined && stopReason !== studioClosed
