/** A wire over a WebSocket. Frames are JSON; a message that is none closes the socket. */
import type { WebSocket } from 'ws'
import type { Frame, Wire } from '../../src-shared/wire'

/** RFC 6455, §7.4.1: the message violates what the endpoint accepts. */
const policyViolation = 1008

export function socketWire(socket: WebSocket): Wire {
  // What is wrong with a socket (a message too large, a cable pulled) closes it, too: the close is what
  // counts.
  socket.on('error', () => {})
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
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
