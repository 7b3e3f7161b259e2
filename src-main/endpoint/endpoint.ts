/**
 * Checkpoints behind the addresses that OpenAI's clients know, for programs on this machine. It listens on 127.0.0.1
 * alone, answers to its own name only (against DNS rebinding), and wants the key of this start with every request.
 * Pages of other origins are refused unless they were named: only those may read what it says.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isSame } from '../border/door'
import { loopbackAddress, urlOf } from '../border/own-address'
import { streamedAnswer, wholeAnswer, type WriteTexts } from './answering'
import type { Asked, Kind, Reading, ServedModel } from './asked'
import { chatKind, readChat } from './chat-completions'
import { brokenText } from './event-stream'
import { errorBody, Refusal, refusalOf } from './refusal'
import { bodyOf } from './request-body'
import { readText, textKind } from './text-completions'

export interface EndpointOptions {
  /** What can be asked for now. */
  readonly models: () => readonly ServedModel[]
  readonly write: WriteTexts
  readonly key: string
  /** Pages from elsewhere that may ask: `https://chat.example`, or `*` for any that has the key. */
  readonly origins?: readonly string[]
  readonly now: () => number
  readonly drawSeed: () => number
  readonly reportBug: (where: string, error: unknown) => void
}

export interface Endpoint {
  readonly port: number
  /** Lets go of every client. */
  close(): void
}

/** @param port 0 takes any free one */
export async function startEndpoint(options: EndpointOptions, port: number): Promise<Endpoint> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((thrown: unknown) => {
      const refusal = refusalOf(thrown)
      if (!refusal) options.reportBug('the endpoint', thrown)
      if (response.headersSent) response.end()
      else reply(response, refusal?.status ?? 500, errorBody(refusal ?? new Refusal(500, brokenText)))
    })
  })
  server.requestTimeout = 60_000 // of the request itself: an answer may take hours
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(options: EndpointOptions, request: IncomingMessage, response: ServerResponse) {
  if (!loopbackAddress.isOwnHost(request))
    throw new Refusal(403, 'This answers to 127.0.0.1 and localhost only.')
  allowOrigin(options, request, response)
  // a browser asks before it sends the key
  if (request.method === 'OPTIONS') return void response.writeHead(204).end()
  if (!isSame(keyIn(request), options.key)) throw new Refusal(401, unknownKey, null, 'invalid_api_key')
  const { pathname } = urlOf(request)
  const path = pathname.replace(/\/+$/, '')
  const writing = Object.hasOwn(writings, path) ? writings[path] : undefined
  if (!writing) return reply(response, 200, looked(options, request, path))
  if (request.method !== 'POST') throw new Refusal(405, `${path} is asked with POST.`)
  await written(options, writing, { request, response })
}

const unknownKey = 'This key is not that of this start: the one that counts was printed when it began.'

function allowOrigin({ origins = [] }: EndpointOptions, request: IncomingMessage, response: ServerResponse) {
  const { origin } = request.headers
  if (origin === undefined || loopbackAddress.isOwnOrigin(request)) return
  if (!origins.includes('*') && !origins.includes(origin))
    throw new Refusal(403, `Pages of ${origin} may not ask here: name it with --origin when this is started.`)
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
  response.setHeader('access-control-allow-methods', 'GET, POST, OPTIONS')
}

const keyIn = ({ headers }: IncomingMessage): string => headers.authorization?.replace(/^Bearer +/i, '') ?? ''

/** What is only looked at. */
function looked({ models }: EndpointOptions, request: IncomingMessage, path: string): object {
  const all = models().map(modelOf)
  const name = /^\/v1\/models\/(.+)$/.exec(path)?.[1]
  if (path !== '/v1/models' && name === undefined)
    throw new Refusal(404, `There is no ${path.slice(0, 200) || '/'} here: there are ${known}.`)
  if (request.method !== 'GET') throw new Refusal(405, `${path} is asked with GET.`)
  if (name === undefined) return { object: 'list', data: all }
  return modelOf(modelNamed(models(), decoded(name)))
}

const modelOf = ({ id, createdAtMs }: ServedModel): object => ({
  id,
  object: 'model',
  created: Math.floor(createdAtMs / 1000),
  owned_by: 'rlhf-studio',
})

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function modelNamed(models: readonly ServedModel[], name: string): ServedModel {
  const found = models.find(({ id }) => id === name) ?? models.find((each) => each.checkpointId === name)
  if (found) return found
  const there = models.slice(0, 8).map(({ id }) => `“${id}”`)
  throw new Refusal(
    404,
    `There is no model “${name.slice(0, 200)}” here; there ${there.length === 1 ? 'is' : 'are'} ` +
      `${there.join(', ') || 'none yet'}.`,
    'model',
    'model_not_found',
  )
}

interface Writing {
  readonly kind: Kind
  readonly read: (body: unknown, reading: Reading) => Asked
}

const writings: Readonly<Record<string, Writing>> = {
  '/v1/chat/completions': { kind: chatKind, read: readChat },
  '/v1/completions': { kind: textKind, read: readText },
}

const known = [...Object.keys(writings), '/v1/models'].join(', ')

async function written(
  options: EndpointOptions,
  { kind, read }: Writing,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { models, write, now, drawSeed } = options
  const leaving = new AbortController()
  response.once('close', () => leaving.abort())
  const reading: Reading = { modelNamed: (name) => modelNamed(models(), name), drawSeed }
  const asked = read(await bodyOf(request), reading)
  const answering = { kind, asked, write, atMs: now(), signal: leaving.signal }
  try {
    if (asked.isStreamed) await streamedAnswer(answering, response)
    else reply(response, 200, await wholeAnswer(answering))
  } catch (thrown) {
    if (!leaving.signal.aborted) throw thrown // else nobody is there to be told
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'x-content-type-options': 'nosniff',
    })
    .end(text)
}
