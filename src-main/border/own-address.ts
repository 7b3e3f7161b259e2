/** Whether a request means this server: its Host (against DNS rebinding), and where the page that sends it is from. */
import type { IncomingMessage } from 'node:http'

export function isOwnHost(request: IncomingMessage): boolean {
  const port = request.socket.localPort
  return request.headers.host === `127.0.0.1:${port}` || request.headers.host === `localhost:${port}`
}

export const isOwnOrigin = (request: IncomingMessage): boolean =>
  request.headers.origin === `http://${request.headers.host}`

/** Only path and query are used: the base is never contacted. */
export const urlOf = (request: IncomingMessage): URL =>
  new URL(request.url?.startsWith('/') ? `http://studio${request.url}` : 'http://studio/')
