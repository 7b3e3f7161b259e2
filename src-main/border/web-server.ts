/**
 * The studio over HTTP, for a browser on this machine: the page's files, one WebSocket, and uploads. Over HTTPS or
 * behind a proxy for a team, whose page is another and who send no files.
 *
 * Others on this machine, and web sites the person visits, can reach a loopback port too. So the Host must be
 * this server's own (against DNS rebinding), what acts must come from its own origin, and the door must be open
 * to it (door.ts).
 */
import { createReadStream } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { WebSocketServer } from 'ws'
import type { StudioError } from '../../src-shared/result'
import type { Wire } from '../../src-shared/wire'
import { diskFailure } from '../places/disk-failure'
import { openDoor, secret, type Door } from './door'
import { loopbackAddress, urlOf, type OwnAddress } from './own-address'
import { pageFile, pageHeaders, typeOf } from './page-files'
import type { Uploads } from './uploads'
import { socketWire } from './wire-socket'

export interface WebServerOptions {
  /** Folder of the built page. */
  readonly pageFolder: string
  /** The page at `/`. */
  readonly startPage?: string
  /** Opens the door to the first browser. */
  readonly token?: string
  /** Hears what opens it to the next one. */
  readonly onToken?: (next: string) => void
  /** Another way in than by such tokens. */
  readonly door?: Door
  readonly address?: OwnAddress
  /** Where it listens; else on 127.0.0.1. */
  readonly host?: string
  /** PEM; without them it is served unencrypted. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer }
  /** Where files go that are sent; without it none may be. */
  readonly uploads?: Uploads
  /** @param close lets go of it, as of one who may not be here any more */
  onWire(wire: Wire, request: IncomingMessage, close: () => void): void
  /** After so long without a byte a request is ended. */
  readonly idleMs?: number
}

export interface WebServer {
  readonly port: number
  /** Lets go of every page. */
  close(): void
}

const idleMs = 60_000

/** Longest frame a page may send: a prompt is at most 100,000 characters. */
const maxFrameBytes = 4 * 1024 * 1024

/** @param port 0 takes any free one */
export async function startWebServer(given: WebServerOptions, port: number): Promise<WebServer> {
  const door = given.door ?? openDoor(given.token ?? secret(), (next) => given.onToken?.(next))
  const options = { address: loopbackAddress, ...given, door }
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
  const server = serverOf(options.certificate, (request, response) => {
    respond(options, request, response).catch((error: unknown) => {
      console.error(error)
      if (!response.headersSent) answer(response, 500, 'The studio could not answer.')
    })
  })
  // A slow upload may take hours; one that has stopped is ended.
  server.requestTimeout = 0
  server.timeout = options.idleMs ?? idleMs
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!mayConnect(options, request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) =>
      options.onWire(socketWire(opened), request, () => opened.terminate()),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, options.host ?? '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets.clients) socket.terminate()
      server.close()
      server.closeAllConnections()
    },
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const serverOf = (certificate: WebServerOptions['certificate'], listener: Listener): Server =>
  certificate
    ? createSecureServer({ ...certificate, minVersion: 'TLSv1.2' }, listener)
    : createServer(listener)

function mayConnect({ address, door }: Serving, request: IncomingMessage): boolean {
  const url = urlOf(request)
  return (
    address.isOwnHost(request) &&
    address.isOwnOrigin(request) &&
    url.pathname === '/ws' &&
    door.isOpenTo(request, url)
  )
}

type Serving = WebServerOptions & { readonly address: OwnAddress; readonly door: Door }

async function respond(options: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!options.address.isOwnHost(request)) return answer(response, 403, options.address.says)
  const url = urlOf(request)
  if (url.pathname === '/upload' && options.uploads)
    return receive({ ...options, uploads: options.uploads }, request, response, url)
  if (url.pathname === '/enter') return letIn(options, request, response, url)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answer(response, 405, 'Only GET is answered here.')
  const path = url.pathname === '/' ? `/${options.startPage ?? 'index.html'}` : url.pathname
  const file = await pageFile(options.pageFolder, path)
  if (!file) return answer(response, 404, 'There is no such page.')
  response.writeHead(200, { ...pageHeaders, 'content-type': typeOf(file), 'cache-control': 'no-cache' })
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(file), response).catch(ignoreGoneReader)
}

/** `POST /enter` with the token → a cookie. */
function letIn(
  { door, address }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): void {
  const cookie =
    request.method === 'POST' && address.isOwnOrigin(request) ? door.enter(request, url) : undefined
  if (cookie === undefined) return answer(response, 403, door.closedText ?? unknownText)
  response.writeHead(204, { ...pageHeaders, 'set-cookie': cookie }).end()
}

/** For whom the door is closed. */
const unknownText =
  'This browser is not known to this start of the studio: open the address that was printed last.'

/**
 * `POST /upload?name=reviews.jsonl` with the file as the body → `{ path, bytes }`, a path for
 * `datasets.import`.
 */
async function receive(
  { uploads, ...options }: Serving & { readonly uploads: Uploads },
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  if (request.method !== 'POST')
    return answer(response, 405, JSON.stringify({ problem: 'Uploads are sent with POST.' }), json)
  if (!options.address.isOwnOrigin(request) || !options.door.isOpenTo(request, url)) {
    return answer(response, 403, JSON.stringify({ problem: options.door.closedText ?? unknownText }), json)
  }
  try {
    const received = await uploads.receive(url.searchParams.get('name') ?? 'upload', request)
    answer(response, 200, JSON.stringify(received), json)
  } catch (thrown) {
    const error = uploadError(thrown)
    if (!error) throw thrown
    if (!response.destroyed) answer(response, 507, JSON.stringify(error), json)
  }
}

function uploadError(thrown: unknown): StudioError | undefined {
  const { code } = thrown as NodeJS.ErrnoException
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET') return { kind: 'cancelled' }
  return diskFailure(thrown, 'the file')?.error
}

function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
    throw error
}

const json = 'application/json'

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response
    .writeHead(status, {
      ...pageHeaders,
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    })
    .end(body)
}
