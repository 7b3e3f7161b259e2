/**
 * A wire over a message port: Electron's own, or a `MessagePort` of Node. Frames are cloned, not written as
 * text.
 */
import type { Frame, Wire } from '../../src-shared/wire'

/** What Electron's `MessagePortMain` and Node's `MessagePort` have in common, seen from here. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
}

/** @param dataOf the frame inside what `message` delivers: Electron wraps it in an event, Node does not */
export function portWire(port: Port, dataOf: (message: unknown) => unknown = (message) => message): Wire {
  let isClosed = false
  port.on('close', () => {
    isClosed = true
  })
  return {
    send: (frame) => {
      if (!isClosed) port.postMessage(frame)
    },
    onFrame: (listener) => {
      port.on('message', (message) => listener(dataOf(message) as Frame))
      port.start()
    },
    onClose: (listener) => {
      port.on('close', () => listener())
    },
  }
}
