/**
 * Requests to a Ray dashboard. Not by `fetch`: it says that it is a browser (sec-fetch-*), and Ray refuses browsers
 * whatever changes something.
 */
import { createReadStream } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import { StudioFailure } from '../../src-shared/result'
import type { Cluster } from '../../src-shared/records/cluster'

export interface RayRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON. */
  readonly json?: object
  /** Sent as it is: a file of so many bytes. */
  readonly file?: { readonly path: string; readonly bytes: number }
}

export interface RayAnswer {
  readonly status: number
  readonly body: Readable
}

/** How long a dashboard may say nothing. */
const silenceMs = 30_000
const mostAnswerBytes = 64 << 20

export const clusterFailure = (problem: string): StudioFailure =>
  new StudioFailure({ kind: 'cluster-failed', problem })

/** A cluster, and the environment that has its token. */
export interface RayAddress extends Cluster {
  readonly environment: Environment
}

type Environment = Readonly<Record<string, string | undefined>>

/** @throws StudioFailure cluster-failed: it does not answer, or wants another token */
export async function askRay(
  cluster: RayAddress,
  path: string,
  request: RayRequest = {},
): Promise<RayAnswer> {
  const answer = await sent(cluster, path, request)
  const status = answer.statusCode ?? 0
  if (status !== 401 && status !== 403) return { status, body: Readable.from(unbroken(cluster, answer)) }
  answer.resume()
  const what = status === 401 ? 'wants a token' : 'refuses this token'
  throw clusterFailure(
    `The cluster ${cluster.name} ${what} (${status}). Put it into the environment and add the cluster again with ` +
      '--token-from NAME.',
  )
}

/** A line that breaks while something comes over it is one that does not answer. */
async function* unbroken(cluster: RayAddress, answer: http.IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* answer as AsyncIterable<Buffer>
  } catch (error) {
    throw unreachable(cluster, error as Error)
  }
}

function sent(
  cluster: RayAddress,
  path: string,
  { method = 'GET', json, file }: RayRequest,
): Promise<http.IncomingMessage> {
  const text = json && JSON.stringify(json)
  const length = file?.bytes ?? (text === undefined ? undefined : Buffer.byteLength(text))
  const url = new URL(path, cluster.address)
  const { request } = url.protocol === 'https:' ? https : http
  return new Promise((resolve, reject) => {
    const asking = request(
      url,
      {
        method,
        agent: false,
        timeout: silenceMs,
        headers: {
          ...authorization(cluster),
          ...(length !== undefined && { 'content-length': length }),
          ...(text !== undefined && { 'content-type': 'application/json' }),
          ...(file && { 'content-type': 'application/zip' }),
        },
      },
      resolve,
    )
    asking.on('timeout', () =>
      asking.destroy(new Error(`it has said nothing for ${silenceMs / 1000} seconds`)),
    )
    asking.on('error', (error) => reject(unreachable(cluster, error)))
    if (file)
      createReadStream(file.path)
        .on('error', (error) => asking.destroy(error))
        .pipe(asking)
    else asking.end(text)
  })
}

/** @throws StudioFailure cluster-failed, for a status that is not 200 or no JSON */
export async function askRayJson<T>(cluster: RayAddress, path: string, request: RayRequest = {}): Promise<T> {
  const { status, body } = await askRay(cluster, path, request)
  const text = await textOf(body)
  if (status !== 200) throw refused(cluster, status, text)
  try {
    return JSON.parse(text) as T
  } catch {
    throw clusterFailure(
      `What answers at ${cluster.address} is no dashboard of Ray. Look at the address and its port (8265 by default).`,
    )
  }
}

export const refused = ({ name }: Cluster, status: number, said: string): StudioFailure =>
  clusterFailure(`The cluster ${name} refused what was asked of it (${status}): ${lastLine(said)}`)

/** Of a traceback of Python's, its last line says it. */
const lastLine = (text: string): string =>
  text.trim().split('\n').at(-1)?.slice(0, 400) || 'it says nothing more'

export async function textOf(body: Readable): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > mostAnswerBytes)
      throw clusterFailure('The cluster answered with more than an answer is long.')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

/** @throws StudioFailure cluster-failed, when the environment does not have it */
function authorization({ name, tokenFrom, environment }: RayAddress): {
  readonly authorization?: string
} {
  if (tokenFrom === undefined) return {}
  const token = environment[tokenFrom]?.trim()
  if (!token)
    throw clusterFailure(
      `The token of the cluster ${name} is to be in ${tokenFrom} of the environment, and is not. Set it, and start ` +
        'the studio again.',
    )
  return { authorization: `Bearer ${token}` }
}

const unreachable = ({ name }: Cluster, error: Error): StudioFailure =>
  clusterFailure(
    `The cluster ${name} does not answer (${'code' in error ? String(error.code) : error.message}). Look whether it ` +
      'runs and whether the address can be reached from here.',
  )
