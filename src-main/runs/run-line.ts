/**
 * Runs in the order they came: at each place one in its process, the others waiting for it to end. What runs elsewhere
 * holds up nobody here.
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
  waiting(): readonly string[]
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
    if (active.size === 0 && isClosed) whenIdle()
    if (isClosed) return
    for (const [runId, place] of firsts(waiting, [...busy.values()], placeOf)) {
      const process = startedOr(() => start(runId), startLater)
      if (!process) continue
      waiting.splice(waiting.indexOf(runId), 1)
      busy.set(runId, place)
      follow(runId, process)
    }
  }

  function follow(runId: string, process: RunProcess): void {
    active.set(runId, process)
    process.onEnd((end) => {
      active.delete(runId)
      busy.delete(runId)
      process.settle(end)
      startNext()
    })
  }

  return {
    add: (runId) => void waiting.push(runId),
    startNext,
    leave: (runId) => waiting.includes(runId) && waiting.splice(waiting.indexOf(runId), 1).length > 0,
    waiting: () => [...waiting],
    processOf: (runId) => active.get(runId),
    processes: () => [...active.values()],
    close: () => {
      isClosed = true
      return active.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve))
    },
  }
}

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
