/** A member of a team as their browser is to the server: a link followed, a cookie kept, a socket opened with it. */
import { once } from 'node:events'
import { request as plainRequest } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { WebSocket } from 'ws'
import { connect, type Api } from '../../src-shared/wire'
import { socketWire } from '../../src-main/border/wire-socket'

export interface Reply {
  readonly status: number
  readonly cookie: string
  readonly setCookie: string
  readonly body: string
}

/** The test's certificate is its own: who signs it is not what is tested. */
const anyCertificate = { rejectUnauthorized: false } as const

export const asked = (origin: string, path: string, options: RequestOptions = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const ask = origin.startsWith('https') ? request : plainRequest
    const headers = { ...options.headers }
    ask(`${origin}${path}`, { ...anyCertificate, ...options, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => {
        const setCookie = response.headers['set-cookie']?.[0] ?? ''
        resolve({ status: response.statusCode ?? 0, cookie: setCookie.split(';')[0] ?? '', setCookie, body })
      })
    })
      .on('error', reject)
      .end()
  })

/** Follows a link. */
export const entered = (origin: string, token: string, headers: Readonly<Record<string, string>> = {}) =>
  asked(origin, '/enter', { method: 'POST', headers: { origin, 'x-studio-token': token, ...headers } })

export interface Line {
  readonly api: Api
  readonly socket: WebSocket
}

/** @throws Error when the server refuses the line */
export async function lineOf(
  origin: string,
  cookie: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Line> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, {
    ...anyCertificate,
    origin: headers['origin'] ?? origin,
    headers: { cookie, ...headers },
  })
  await once(socket, 'open')
  return { api: connect(socketWire(socket)), socket }
}
