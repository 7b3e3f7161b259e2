/** Every compute process of one studio, whoever asked for it: when the studio closes, none is left. */
import type { ComputeChild, ForkCompute } from './compute-child'

export interface Children {
  readonly fork: ForkCompute
  /** Ends those that are left; resolves when the system has let go of every one. None starts after it. */
  endAll(): Promise<void>
}

export function children(forkCompute: ForkCompute): Children {
  const alive = new Set<ComputeChild>()
  let whenNone = () => {}
  let isClosed = false

  return {
    fork: () => {
      const child = forkCompute()
      alive.add(child)
      child.onEnd(() => {
        alive.delete(child)
        if (alive.size === 0) whenNone()
      })
      if (isClosed) child.kill()
      return child
    },
    endAll: () => {
      isClosed = true
      for (const child of alive) child.kill()
      return alive.size === 0 ? Promise.resolve() : new Promise((resolve) => (whenNone = resolve))
    },
  }
}
