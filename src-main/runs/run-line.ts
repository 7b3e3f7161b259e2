/**
 * Runs in their order, which is first that in which they came: at each place one in its process, the others waiting
 * for it to end. What runs elsewhere holds up nobody here.
 */
import { StudioFailure } from '../../src-shared/result'
import { seldom } from '../changes/topic'
import type { RunProcess } from './run-process'

const retryMs = 5000

export interface RunLine {
  /** Puts a run at the end of the line. `startNext` starts it, if its turn has come. */
  add(runId: string): void
  /** Starts the first that waits, unless one runs or the line is closed. */
  startNext(): void
  /** Takes a waiting run out. @returns whether it was waiting */
  leave(runId: string): boolean
  /** The first is next. */
  waiting(): readonly string[]
  /** Puts those that wait into this order; none of them is left out. */
  arrange(runIds: readonly string[]): void
  processOf(runId: string): RunProcess | undefined
  processes(): readonly RunProcess[]
  /** Starts no more. Resolves when no process is left. */
  close(): Promise<void>
}

/** @param placeOf where a run is: two of one place never run at once */
export function runLine(start: (runId: string) => RunProcess, placeOf: (runId: string) => string): RunLine {
  const waiting: string[] = []
  const active = new Map<string, RunProcess>()
  /** Runs and their places. */
  const busy = new Map<string, string>()
  let whenIdle = () => {}
  let isClosed = false
  const startLater = seldom(startNext, retryMs)

  function startNext(): void {
    if (isClosed) return active.size === 0 ? whenIdle() : undefined
    for (const [runId, place] of firsts(waiting, [...busy.values()], placeOf)) {
      const process = startedOr(() => start(runId), startLater)
      if (!process) continue
      busy.set(runId, place)
      follow(runId, process)
    }
  }

  function follow(runId: string, process: RunProcess): void {
    takeOut(waiting, runId)
    active.set(runId, process)
    process.onEnd((end) => {
      active.delete(runId)
      busy.delete(runId)
      process.settle(end)
      startNext()
    })
  }

  return {
    add: (runId) => void (waiting.includes(runId) || waiting.push(runId)),
    startNext,
    leave: (runId) => takeOut(waiting, runId),
    waiting: () => [...waiting],
    arrange: (runIds) => void waiting.sort((a, b) => runIds.indexOf(a) - runIds.indexOf(b)),
    processOf: (runId) => active.get(runId),
    processes: () => [...active.values()],
    close: () => {
      isClosed = true
      return active.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve))
    },
  }
}

const takeOut = (waiting: string[], runId: string): boolean =>
  waiting.includes(runId) && waiting.splice(waiting.indexOf(runId), 1).length > 0

/** The first that wait for each place that is free. */
function firsts(
  waiting: readonly string[],
  busy: readonly string[],
  placeOf: (runId: string) => string,
): readonly (readonly [runId: string, place: string])[] {
  const taken = new Set(busy)
  return waiting.flatMap((runId) => {
    const place = placeOf(runId)
    if (taken.has(place)) return []
    taken.add(place)
    return [[runId, place] as const]
  })
}

/** A run whose start cannot be written down, on a full disk, keeps its turn. */
function startedOr(start: () => RunProcess, later: () => void): RunProcess | undefined {
  try {
    return start()
  } catch (error) {
    if (!(error instanceof StudioFailure)) throw error
    later()
    return undefined
  }
}
