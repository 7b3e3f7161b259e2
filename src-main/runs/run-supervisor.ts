/**
 * Starts and stops compute processes, one a running training. Here one trains at a time and the others wait in the
 * order they came; what is sent to a cluster waits there.
 */
import { clusterOfDevice } from '../../src-shared/records/cluster'
import type { Run } from '../../src-shared/records/run'
import { publishUpdate, type StudioChanges } from '../changes/studio-changes'
import type { ForkCompute } from '../processes/compute-child'
import type { WritableDb } from '../store/handle'
import { requeueRun, runOf } from '../store/runs'
import { runEnder } from './run-end'
import { runLine } from './run-line'
import { startRunProcess } from './run-process'

export interface RunSupervisor {
  /** Puts a queued run at the end of the line. */
  enqueue(run: Run): void
  /**
   * A waiting run stops at once. A running one saves and stops; asked again, it is ended without saving.
   * @throws StudioFailure not-found
   */
  stop(runId: string): void
  /**
   * Puts a stopped or failed run in line again, at its newest checkpoint.
   * @throws StudioFailure run-not-resumable
   */
  resume(runId: string, device?: string): Run
  /** Hears again what went on elsewhere while the studio was closed. */
  takeUp(runIds: readonly string[]): void
  /** Stops all, saving; a process that has not ended by then is ended. */
  close(patienceMs: number): Promise<void>
}

export interface SupervisorOptions {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly forkOn: (device: string) => ForkCompute
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

/** Here is one place; on a cluster each run has its own, and waits there. */
const placeIn =
  (db: WritableDb) =>
  (runId: string): string =>
    clusterOfDevice(runOf(db, runId).device) === undefined ? 'here' : runId

export function superviseRuns(options: SupervisorOptions): RunSupervisor {
  const { db, changes, now } = options
  const settle = runEnder(options)
  const line = runLine((runId) => startRunProcess(runId, { ...options, settle }), placeIn(db))

  function stop(runId: string): void {
    const process = line.processOf(runId)
    if (line.leave(runId)) settle(runId, { state: 'stopped', endedAtMs: now() })
    else if (process) process.stop()
    else runOf(db, runId)
  }

  function enqueue(run: Run): void {
    line.add(run.id)
    publishUpdate(changes, run.id, { run })
    line.startNext()
  }

  return {
    enqueue,
    stop,
    takeUp: (runIds) => {
      runIds.forEach(line.add)
      line.startNext()
    },
    resume: (runId, device) => {
      const run = requeueRun(db, runId, device)
      changes.updates.publish({ runId, update: { rewoundTo: run.step } })
      enqueue(run)
      return runOf(db, runId)
    },
    close: async (patienceMs) => {
      const idle = line.close()
      line.waiting().forEach(stop)
      for (const process of line.processes()) if (!process.leave() && process.isRunning()) process.stop()
      const impatience = setTimeout(() => line.processes().forEach(({ kill }) => kill()), patienceMs)
      await idle
      clearTimeout(impatience)
    },
  }
}
