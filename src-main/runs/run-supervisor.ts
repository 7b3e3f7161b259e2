/**
 * Starts and stops compute processes, one a running training. Here one trains at a time and the others wait in an
 * order that outlives the studio; what is sent to a cluster waits there.
 */
import { clusterOfDevice } from '../../src-shared/records/cluster'
import type { QueueMove, Run } from '../../src-shared/records/run'
import { publishUpdate, type StudioChanges } from '../changes/studio-changes'
import type { ForkCompute } from '../processes/compute-child'
import type { WritableDb } from '../store/handle'
import { requeueRun, runOf } from '../store/runs'
import { arrangeRuns, waitingRuns } from '../store/waiting-runs'
import { moved } from './queue-order'
import { runEnder } from './run-end'
import { runLine, type RunLine } from './run-line'
import { startRunProcess } from './run-process'

export interface RunSupervisor {
  /** Puts a queued run at the end of the line. */
  enqueue(run: Run): void
  /**
   * A waiting run stops at once. A running one saves and stops; asked again, it is ended without saving.
   * @param reason why, where nobody pressed a button: it is kept with the run
   * @throws StudioFailure not-found
   */
  stop(runId: string, reason?: string): void
  /**
   * Changes the place of a run among those that wait.
   * @returns those whose turn has changed
   * @throws StudioFailure not-found
   */
  move(runId: string, move: QueueMove): readonly Run[]
  /**
   * Puts a stopped or failed run in line again, at its newest checkpoint.
   * @throws StudioFailure run-not-resumable
   */
  resume(runId: string, on?: Parameters<typeof requeueRun>[2]): Run
  /** Hears again what went on elsewhere while the studio was closed, or starts in turn what waited. */
  takeUp(runIds: readonly string[]): void
  /** Stops what runs, saving, and lets wait what waits; a process that has not ended by then is ended. */
  close(patienceMs: number): Promise<void>
}

export interface SupervisorOptions {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly forkOn: (device: string) => ForkCompute
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

/** Why a run was stopped that ran when the studio was closed. */
export const studioClosed = 'The studio was closed while it ran.'

/** Here is one place; on a cluster each run has its own, and waits there. */
const placeIn =
  (db: WritableDb) =>
  (runId: string): string =>
    clusterOfDevice(runOf(db, runId).device) === undefined ? 'here' : runId

export function superviseRuns(options: SupervisorOptions): RunSupervisor {
  const { db, changes, now } = options
  const settle = runEnder(options)
  const line = runLine((runId) => startRunProcess(runId, { ...options, settle }), placeIn(db))

  function stop(runId: string, reason?: string): void {
    const process = line.processOf(runId)
    if (process) process.stop(reason)
    else if (runOf(db, runId).state === 'queued') {
      line.leave(runId)
      settle(runId, { state: 'stopped', endedAtMs: now() })
    }
  }

  function enqueue(run: Run): void {
    line.add(run.id)
    publishUpdate(changes, run.id, { run })
    line.startNext()
  }

  return {
    enqueue,
    stop,
    move: mover(options, line),
    takeUp: (runIds) => {
      runIds.forEach(line.add)
      line.startNext()
    },
    resume: (runId, on) => {
      const run = requeueRun(db, runId, on)
      changes.updates.publish({ runId, update: { rewoundTo: run.step } })
      enqueue(run)
      return runOf(db, runId)
    },
    close: (patienceMs) => close(line, patienceMs),
  }
}

function mover({ db, changes }: SupervisorOptions, line: RunLine): RunSupervisor['move'] {
  return (runId, move) => {
    runOf(db, runId)
    const before = waitingRuns(db)
    const after = moved(before, runId, move)
    arrangeRuns(db, after)
    line.arrange(after)
    const runs = after.filter((each, index) => each !== before[index]).map((each) => runOf(db, each))
    for (const run of runs) publishUpdate(changes, run.id, { run })
    return runs
  }
}

async function close(line: RunLine, patienceMs: number): Promise<void> {
  const idle = line.close()
  for (const process of line.processes())
    if (!process.leave() && process.isRunning()) process.stop(studioClosed)
  const impatience = setTimeout(() => line.processes().forEach(({ kill }) => kill()), patienceMs)
  await idle
  clearTimeout(impatience)
}
