/**
 * Starts and stops compute processes, one a running training, one training at a time; the others wait in the
 * order they came. Every event goes: process → registry → watchers. How a process ends is a state of its run,
 * never an exception.
 */
import { errorText, StudioFailure } from '../../src-shared/result'
import type { Run } from '../../src-shared/records/run'
import type { ComputeChild, ForkCompute, ProcessEnd } from '../processes/compute-child'
import type { JobEvent } from '../processes/messages'
import { crashText, runEnder } from './run-end'
import { recordRun } from './run-recorder'
import type { WritableDb } from '../store/handle'
import { requeueRun, runOf, startRun, stopRun } from '../store/runs'
import { publishUpdate, type StudioChanges } from '../changes/studio-changes'

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
  resume(runId: string): Run
  /** Stops all, saving; a process that has not ended by then is ended. */
  close(patienceMs: number): Promise<void>
}

interface ActiveRun {
  readonly child: ComputeChild
  /** Asked to end without saving. */
  isKilled: boolean
  hasEnded: boolean
}

export interface SupervisorOptions {
  readonly db: WritableDb
  readonly changes: StudioChanges
  readonly fork: ForkCompute
  readonly now: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

export function superviseRuns({ db, changes, fork, now, reportBug }: SupervisorOptions): RunSupervisor {
  const settle = runEnder({ db, changes })
  const waiting: string[] = []
  const active = new Map<string, ActiveRun>()
  let whenIdle = () => {}
  let isClosing = false

  function startNext(): void {
    if (active.size === 0 && isClosing) whenIdle()
    if (active.size > 0 || isClosing) return
    const runId = waiting.shift()
    if (runId !== undefined) start(runId)
  }

  function start(runId: string): void {
    publishUpdate(changes, runId, { run: startRun(db, runId, now()) })
    const record = recordRun(db, runId, now)
    const run: ActiveRun = { child: fork(), isKilled: false, hasEnded: false }
    active.set(runId, run)
    run.child.onMessage((message) => {
      if (message.kind === 'events') take(runId, run, record, message.events)
    })
    run.child.onEnd((end) => finish(runId, run, end))
    run.child.send({ kind: 'train', job: { registryPath: db.path, runId } })
  }

  /** Events that cannot be written end their run: what is not in the registry is never shown. */
  function take(
    runId: string,
    run: ActiveRun,
    record: ReturnType<typeof recordRun>,
    events: readonly JobEvent[],
  ): void {
    if (run.hasEnded) return
    try {
      run.hasEnded = events.some((event) => event.kind === 'ended')
      publishUpdate(changes, runId, record(events))
    } catch (error) {
      if (!(error instanceof StudioFailure)) reportBug('recording a run', error)
      run.child.kill()
      run.hasEnded = true
      settle(runId, {
        state: 'failed',
        endedAtMs: now(),
        error:
          error instanceof StudioFailure
            ? errorText(error.error)
            : errorText({ kind: 'bug', message: String(error) }),
      })
    }
  }

  function finish(runId: string, run: ActiveRun, end: ProcessEnd): void {
    active.delete(runId)
    if (!run.hasEnded)
      settle(
        runId,
        run.isKilled
          ? { state: 'stopped', endedAtMs: now() }
          : { state: 'failed', endedAtMs: now(), error: crashText(runOf(db, runId), end) },
        end.lastWords,
      )
    startNext()
  }

  function stop(runId: string): void {
    const run = active.get(runId)
    const place = waiting.indexOf(runId)
    if (place >= 0) {
      waiting.splice(place, 1)
      settle(runId, { state: 'stopped', endedAtMs: now() })
    } else if (!run || run.hasEnded) {
      runOf(db, runId)
    } else if (runOf(db, runId).state === 'stopping') {
      run.isKilled = true
      run.child.kill()
    } else {
      publishUpdate(changes, runId, { run: stopRun(db, runId) })
      run.child.send({ kind: 'stop' })
    }
  }

  function enqueue(run: Run): void {
    waiting.push(run.id)
    publishUpdate(changes, run.id, { run })
    startNext()
  }

  return {
    enqueue,
    stop,
    resume: (runId) => {
      const run = requeueRun(db, runId)
      changes.updates.publish({ runId, update: { rewoundTo: run.step } })
      enqueue(run)
      return runOf(db, runId)
    },
    close: async (patienceMs) => {
      isClosing = true
      for (const runId of [...waiting]) stop(runId)
      if (active.size === 0) return
      const idle = new Promise<void>((resolve) => {
        whenIdle = resolve
      })
      for (const [runId, { hasEnded }] of active)
        if (!hasEnded && runOf(db, runId).state === 'running') stop(runId)
      const impatience = setTimeout(() => {
        for (const { child } of active.values()) child.kill()
      }, patienceMs)
      await idle
      clearTimeout(impatience)
    },
  }
}
