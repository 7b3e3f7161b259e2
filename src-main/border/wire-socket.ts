/** A wire over a WebSocket. Frames are JSON; a message that is none closes the socket. */
import { setTimeout } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import type { Frame, Wire } from '../../src-shared/wire'

/** RFC 6455, §7.4.1: the message violates what the endpoint accepts. */
const policyViolation = 1008

/** What may wait for a page to read it; the items of streams then wait in main, unmade. */
const mostWaitingBytes = 4 * 1024 * 1024
/** A page that asks and asks and never reads loses its line. */
const mostAnswerBytes = 256 * 1024 * 1024
const lookEveryMs = 20

export function socketWire(socket: WebSocket): Wire {
  // What is wrong with a socket (a message too large, a cable pulled) closes it, too: the close is what
  // counts.
  socket.on('error', () => {})
  return {
    send: (frame) => {
      if (socket.bufferedAmount > mostAnswerBytes) return socket.terminate()
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
    },
    drained: async () => {
      while (socket.readyState === socket.OPEN && socket.bufferedAmount > mostWaitingBytes)
        await setTimeout(lookEveryMs)
    },
    onFrame: (listener) => {
      socket.on('message', (data, isBinary) => {
        const frame = isBinary ? undefined : parseFrame(data.toString())
        if (frame) listener(frame)
        else socket.close(policyViolation, 'frames are JSON text')
      })
    },
    onClose: (listener) => {
      socket.on('close', () => listener())
    },
  }
}

function parseFrame(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
