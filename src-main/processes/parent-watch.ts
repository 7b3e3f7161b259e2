/**
 * Ends a compute process when main is gone, also while its own event loop is busy with one long update or a
 * pattern without end: a thread of its own looks every quarter of a second. One mechanism for every system;
 * nobody would write down what the process finds.
 */
import { Worker } from 'node:worker_threads'

/** Where a child finds main's process id. */
export const MAIN_PROCESS = 'STUDIO_MAIN_PROCESS'

const lookEveryMs = 250

interface Watched {
  readonly everyMs: number
  /** Main's id, when it could be seen at the start: Electron may stand between main and the process. */
  readonly mainId: number | undefined
  readonly bornOf: number
}

/**
 * To be called first thing. The thread does not keep the process alive. A process that main forked itself sees it for
 * sure: when main is gone before this looks for it, what it still asked for would go on for nobody.
 */
export function endWithParent(environment: NodeJS.ProcessEnv = process.env): void {
  const mainId = Number(environment[MAIN_PROCESS])
  if (mainId > 0 && process.send !== undefined && isGone(mainId)) process.kill(process.pid, 'SIGKILL')
  const workerData: Watched = {
    everyMs: lookEveryMs,
    mainId: mainId > 0 && exists(mainId) ? mainId : undefined,
    bornOf: process.ppid,
  }
  const thread = new Worker(`(${watch.toString()})(require('node:worker_threads').workerData)`, {
    eval: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  })
  thread.unref()
  // A thread that could not start must not end a training; the closed channel still ends the process.
  thread.on('error', (error) => console.error('watching main:', error))
}

/** The thread's whole program: nothing around this function exists there. */
function watch({ everyMs, mainId, bornOf }: Watched): void {
  setInterval(() => {
    if (process.ppid !== bornOf || (mainId !== undefined && isGone(mainId)))
      process.kill(process.pid, 'SIGKILL')
  }, everyMs)

  function isGone(id: number): boolean {
    try {
      process.kill(id, 0)
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH'
    }
  }
}

function exists(id: number): boolean {
  try {
    process.kill(id, 0)
    return true
  } catch {
    return false // another user's, or in a place of its own: only the parent's id tells
  }
}

function isGone(id: number): boolean {
  try {
    process.kill(id, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
