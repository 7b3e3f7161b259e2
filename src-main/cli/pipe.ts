/**
 * The border inside one process: what the command line asks is checked and answered exactly as a window's
 * questions are.
 */
import { connect, type Api, type Frame, type Wire } from '../../src-shared/wire'
import type { ReportBug } from '../border/answer'
import { serve, type Handlers } from '../border/serve'

export function apiOf(handlers: Handlers, reportBug: ReportBug): Api {
  const [here, there] = wirePair()
  serve(there, handlers, reportBug)
  return connect(here)
}

/** Two ends; a frame arrives in a turn of its own, as over any other pipe. */
function wirePair(): readonly [Wire, Wire] {
  const listeners: [((frame: Frame) => void)[], ((frame: Frame) => void)[]] = [[], []]
  const end = (own: 0 | 1): Wire => ({
    send: (frame) =>
      queueMicrotask(() => {
        for (const listener of listeners[own === 0 ? 1 : 0]) listener(frame)
      }),
    onFrame: (listener) => {
      listeners[own].push(listener)
    },
    onClose: () => {},
  })
  return [end(0), end(1)]
}
