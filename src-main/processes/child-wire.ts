/** The channel to a compute process as a wire, seen from both its ends. */
import type { Frame, Wire } from '../../src-shared/wire'
import { endInWords, type ComputeChild, type ProcessEnd } from './compute-child'
import type { FromCompute } from './messages'

/**
 * Main's end.
 * @param onLost hears of the process's end before those whose requests it takes with it
 */
export function childWire(child: ComputeChild, onLost: (end: ProcessEnd) => void): Wire {
  return {
    send: (frame) => child.send({ kind: 'frame', frame }),
    onFrame: (listener) =>
      child.onMessage((message) => {
        if (message.kind === 'frame') listener(message.frame)
      }),
    onClose: (listener) =>
      child.onEnd((end) => {
        onLost(end)
        listener({
          kind: 'compute-failed',
          problem: `${endInWords(end)} before it was done. Nothing that was saved is lost; ask again.`,
        })
      }),
  }
}

/** The process's own end. It ends with its channel, so the wire never closes. */
export function parentWire(send: (message: FromCompute) => void): {
  readonly wire: Wire
  /** What main has sent. */
  readonly take: (frame: Frame) => void
} {
  let listen: (frame: Frame) => void = () => {}
  return {
    take: (frame) => listen(frame),
    wire: {
      send: (frame) => send({ kind: 'frame', frame }),
      onFrame: (listener) => {
        listen = listener
      },
      onClose: () => {},
    },
  }
}
