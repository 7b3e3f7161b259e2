/**
 * One run in its compute process. Every event goes: process → registry → watchers. How the process ends is a
 * state of its run, never an exception.
 */
import { StudioFailure, thrownText } from '../../src-shared/result'
import { publishUpdate, type StudioChanges } from '../changes/studio-changes'
import type { ForkCompute, ProcessEnd } from '../processes/compute-child'
import type { RunEvent } from '../processes/messages'
import type { WritableDb } from '../store/handle'
import { runOf, startRun, stopRun } from '../store/runs'
import { unsaidEnd, type SettleRun } from './run-end'
import { recordRun } from './run-recorder'

export interface RunProcess {
  /** Whether its run goes on, unless it is told to stop. */
  isRunning(): boolean
  /**
   * Saves and stops; asked again, it is ended without saving. Nothing, once its run has ended.
   * @param reason why, where nobody pressed a button
   */
  stop(reason?: string): void
  /** Of one that goes on elsewhere: lets it. @returns whether it is one */
  leave(): boolean
  /** Ends the process; nothing is saved. */
  kill(): void
  onEnd(listener: (end: ProcessEnd) => void): void
  /** Writes down what became of the run, unless it said so itself. */
  settle(end: ProcessEnd): void
}

export interface RunProcessOptions {
  readonly db: WritableDb
  readonly changes: StudioChanges
  /** How a run of this device starts. @throws StudioFailure, when it cannot */
  readonly forkOn: (device: string) => ForkCompute
  readonly now: () => number
  readonly settle: SettleRun
  readonly reportBug: (where: string, error: unknown) => void
}

/** @param runId a queued run, or one that went on elsewhere */
export function startRunProcess(runId: string, options: RunProcessOptions): RunProcess {
  const { db, changes, forkOn, now, settle } = options
  const before = runOf(db, runId)
  const fork = forkOn(before.device)
  if (before.state === 'queued') publishUpdate(changes, runId, { run: startRun(db, runId, now()) })
  const events = eventTaker(runId, options, () => child.kill())
  const child = fork()
  let isKilled = false

  function stop(reason?: string): void {
    const { state } = runOf(db, runId)
    if (events.hasEnded()) return
    if (state === 'stopping') {
      isKilled = true
      child.kill()
    } else {
      publishUpdate(changes, runId, { run: stopRun(db, runId, reason) })
      child.send({ kind: 'stop' })
    }
  }

  child.onMessage((message) => {
    if (message.kind === 'events') events.take(message.events)
  })
  child.send({ kind: 'train', run: { registryPath: db.path, runId } })
  return {
    isRunning: () => !events.hasEnded() && runOf(db, runId).state === 'running',
    stop,
    kill: () => child.kill(),
    leave: () => {
      child.leave?.()
      return child.leave !== undefined
    },
    onEnd: (listener) => child.onEnd(listener),
    settle: (end) => {
      if (events.hasEnded() || end.isLeft) return
      settle(runId, unsaidEnd(runOf(db, runId), end, isKilled, now()), end.lastWords)
    },
  }
}

interface EventTaker {
  take(events: readonly RunEvent[]): void
  /** True once the run has said its last, or could not be written down. */
  hasEnded(): boolean
}

/**
 * Records what a run says and tells its watchers. Events that cannot be written end their run: what is not in
 * the registry is never shown.
 */
function eventTaker(
  runId: string,
  { db, changes, now, settle, reportBug }: RunProcessOptions,
  kill: () => void,
): EventTaker {
  const record = recordRun(db, runId, now)
  let hasEnded = false
  return {
    take: (events) => {
      if (hasEnded) return
      try {
        hasEnded = events.some((event) => event.kind === 'ended')
        publishUpdate(changes, runId, record(events))
      } catch (error) {
        if (!(error instanceof StudioFailure)) reportBug('recording a run', error)
        kill()
        hasEnded = true
        settle(runId, { state: 'failed', endedAtMs: now(), error: thrownText(error) })
      }
    },
    hasEnded: () => hasEnded,
  }
}
