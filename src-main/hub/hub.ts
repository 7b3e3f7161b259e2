/**
 * Requests to a hub. Redirects are followed here and nowhere else: a token goes to the hub's own address alone, never
 * to where that sends one. What may pass is tried again; what does not is said in words.
 */
import { setTimeout as after } from 'node:timers/promises'
import { type HubKind } from '../../src-shared/records/hub'
import { StudioFailure } from '../../src-shared/result'
import type { HubAccess } from './access'
import { cancelled, hubFailure, refusedBy, unreached, type Asked } from './hub-failure'

export interface Hub {
  readonly endpoint: string
  readonly fetch: typeof fetch
  readonly waitsMs: readonly number[]
  readonly signal: AbortSignal
  /** The page of what is asked for. */
  readonly page: string
  /** Where a file of it lies. */
  fileUrl(commit: string, path: string): string
}

/** What is asked for: a repository, or a search of one kind. */
export interface Subject {
  readonly kind: HubKind
  readonly name?: string
}

/** How long the hub may take until it answers at all. */
const answerMs = 30_000
/** A longer pause than this is the person's to make. */
const longestPauseMs = 60_000
const mostRedirects = 10

export function hubOf(access: HubAccess, { kind, name }: Subject, signal: AbortSignal): Hub {
  const { endpoint, token, waitsMs } = access
  const prefix = kind === 'models' ? '' : `${kind}/`
  const page = `${endpoint}/${prefix}${name ?? ''}`
  const asked = { endpoint, page, hasToken: token !== undefined, what: name ?? `its list of ${kind}` }
  return {
    endpoint,
    waitsMs,
    signal,
    page,
    fileUrl: (commit, path) =>
      `${page}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`,
    fetch: (input, init) => tried({ access, asked, signal }, urlOf(input), init ?? {}),
  }
}

const urlOf = (input: string | URL | Request): URL =>
  new URL(typeof input === 'string' || input instanceof URL ? input : input.url)

interface Asking {
  readonly access: HubAccess
  readonly asked: Asked
  readonly signal: AbortSignal
}

async function tried(asking: Asking, url: URL, init: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const { answer, failure, pauseMs } = await once(asking, url, init, attempt)
    if (answer) return answer
    if (pauseMs === undefined) throw failure
    await pause(pauseMs, asking.signal)
  }
}

type Outcome =
  | { readonly answer: Response; readonly failure?: never; readonly pauseMs?: never }
  | { readonly answer?: never; readonly failure: StudioFailure; readonly pauseMs: number | undefined }

async function once(asking: Asking, url: URL, init: RequestInit, attempt: number): Promise<Outcome> {
  const { access, asked, signal } = asking
  const waitMs = access.waitsMs[attempt]
  try {
    const answer = await followed(asking, url, init)
    if (answer.ok || answer.status === 416) return { answer }
    const failure = refusedBy(asked, answer)
    const pauseMs = pauseAsked(answer, waitMs)
    await answer.body?.cancel()
    return { failure, pauseMs }
  } catch (thrown) {
    if (signal.aborted) throw cancelled()
    if (thrown instanceof StudioFailure) throw thrown
    const { failure, mayPass } = unreached(asked, thrown)
    return { failure, pauseMs: mayPass ? waitMs : undefined }
  }
}

/** For an answer that may be another one later: how long until then. */
function pauseAsked({ status, headers }: Response, waitMs: number | undefined): number | undefined {
  if ((status !== 429 && status < 500) || waitMs === undefined) return undefined
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  if (!Number.isFinite(seconds)) return waitMs
  return seconds * 1000 <= longestPauseMs ? Math.max(waitMs, seconds * 1000) : undefined
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await after(ms, undefined, { signal })
  } catch {
    throw cancelled()
  }
}

async function followed({ access, signal }: Asking, first: URL, init: RequestInit): Promise<Response> {
  const home = new URL(access.endpoint).origin
  let url = first
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const headers = new Headers(init.headers)
    headers.delete('authorization')
    if (access.token !== undefined && url.origin === home)
      headers.set('authorization', `Bearer ${access.token}`)
    const answer = await answered(url, { ...init, headers }, signal)
    const to = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || to === null) return answer
    await answer.body?.cancel()
    url = nextOf(url, to)
  }
  throw hubFailure(`${access.endpoint} sends from one address to the next without an end. Try again later.`)
}

/** @throws StudioFailure for an address that is none, or less safe than the one before */
function nextOf(from: URL, to: string): URL {
  const url = URL.canParse(to, from) ? new URL(to, from) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && from.protocol === 'http:')
  if (!url || !isSafe)
    throw hubFailure(`${from.host} sends to an address that is not followed: ${to.slice(0, 80)}`)
  return url
}

async function answered(url: URL, init: RequestInit, signal: AbortSignal): Promise<Response> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(new Error('no answer')), answerMs)
  try {
    return await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.any([patience.signal, signal]),
    })
  } finally {
    clearTimeout(timer)
  }
}
