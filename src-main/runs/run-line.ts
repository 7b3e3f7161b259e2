/** Runs in the order they came: one in its process, the others waiting for it to end. */
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

export function runLine(start: (runId: string) => RunProcess): RunLine {
  const waiting: string[] = []
  const active = new Map<string, RunProcess>()
  let whenIdle = () => {}
  let isClosed = false
  const startLater = seldom(startNext, retryMs)

  function startNext(): void {
    if (active.size === 0 && isClosed) whenIdle()
    if (active.size > 0 || isClosed) return
    const [runId] = waiting
    const process = runId === undefined ? undefined : startedOr(() => start(runId), startLater)
    if (runId === undefined || !process) return
    waiting.shift()
    follow(runId, process)
  }

  function follow(runId: string, process: RunProcess): void {
    active.set(runId, process)
    process.onEnd((end) => {
      active.delete(runId)
      process.settle(end)
      startNext()
    })
  }

  return {
    add: (runId) => void waiting.push(runId),
    startNext,
    leave: (runId) => {
      const index = waiting.indexOf(runId)
      return index >= 0 && waiting.splice(index, 1).length > 0
    },
    waiting: () => [...waiting],
    processOf: (runId) => active.get(runId),
    processes: () => [...active.values()],
    close: () => {
      isClosed = true
      return active.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenIdle = resolve))
    },
  }
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
