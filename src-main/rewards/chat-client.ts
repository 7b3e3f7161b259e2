/**
 * Asks a server that speaks OpenAI's chat completions: not too often, again after a refusal that passes, and no longer
 * than is waited for. The key is sent and nowhere else written; nothing is followed to another address.
 */
import { setTimeout as rest } from 'node:timers/promises'
import {
  answerIn,
  bodyOf,
  dialectAfter,
  withinLimit,
  type ChatAnswer,
  type ChatServer,
  type Dialect,
  type Refusal,
} from './chat-protocol'

/** @throws Error in words: the server cannot be reached, refuses, or speaks otherwise; whatever the signal has */
export type AskChat = (system: string, user: string, signal: AbortSignal) => Promise<ChatAnswer>

const mostAttempts = 6
/** However long a server asks to wait. */
const mostWaitMs = 60_000

export function openChat(server: ChatServer): AskChat {
  let turn: Promise<unknown> = Promise.resolve()
  let dialect: Dialect = { limit: 'max_tokens', hasTemperature: true }
  const myTurn = async (signal: AbortSignal): Promise<void> => {
    const mine = turn
    turn = turn.then(() => rest(60_000 / server.requestsPerMinute, undefined, { ref: false }))
    await mine
    signal.throwIfAborted()
  }
  return async (system, user, signal) => {
    for (let attempt = 1; ; attempt++) {
      await myTurn(signal)
      const found = await asked(server, bodyOf(server, dialect, system, user), signal)
      if ('text' in found) return found
      const other = dialectAfter(found, dialect)
      if (other) dialect = other
      else if (!found.mayPass || attempt >= mostAttempts) throw new Error(found.problem)
      else await rest(waitMs(found, server.backOffMs, attempt), undefined, { signal })
    }
  }
}

const waitMs = ({ afterMs }: Refusal, backOffMs: number, attempt: number): number =>
  Math.min(mostWaitMs, afterMs ?? backOffMs * 2 ** (attempt - 1))

async function asked(server: ChatServer, body: string, signal: AbortSignal): Promise<ChatAnswer | Refusal> {
  const address = `${server.endpoint.replace(/\/+$/, '')}/chat/completions`
  const late = AbortSignal.timeout(server.patienceMs)
  try {
    const response = await fetch(address, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
      headers: {
        'content-type': 'application/json',
        ...(server.key !== undefined && { authorization: `Bearer ${server.key}` }),
      },
      body,
    })
    const said = await withinLimit(response)
    if (said === undefined) return { problem: `what ${address} answers does not end`, mayPass: false }
    return response.ok ? answerIn(said, address) : refusalOf(response, said, server)
  } catch (error) {
    signal.throwIfAborted()
    return { problem: `the server at ${address} ${whyNot(error, late, server.patienceMs)}`, mayPass: true }
  }
}

function whyNot(error: unknown, late: AbortSignal, patienceMs: number): string {
  if (late.aborted) return `has not answered within ${patienceMs / 1000} seconds`
  const { message, cause } = error as Error
  return `does not answer: ${cause instanceof Error && cause.message !== '' ? cause.message : message}`
}

function refusalOf({ status, headers }: Response, body: string, { endpoint, key }: ChatServer): Refusal {
  const said = (key === undefined ? body : body.replaceAll(key, '(key)')).replace(/\s+/g, ' ').slice(0, 200)
  const elsewhere = status >= 300 && status < 400 ? headers.get('location') : null
  return {
    status,
    problem:
      elsewhere === null
        ? `the server at ${endpoint} refuses with ${status}${whatToDo[status] ?? ''}${said === '' ? '' : `: ${said}`}`
        : `the server at ${endpoint} sends on to ${elsewhere.slice(0, 200)} (${status}), where nothing is ` +
          'sent to: give that address, if it is the right one',
    mayPass: status === 408 || status === 429 || status >= 500,
    ...waitAsked(headers.get('retry-after')),
  }
}

const whatToDo: Readonly<Record<number, string>> = {
  401: ' (the key is wrong or missing)',
  403: ' (the key may not do this)',
  404: ' (there is no such address or model)',
  429: ' (too many requests, or nothing left to spend)',
}

/** Seconds, as servers of this protocol say it; a date is waited for as usual. */
function waitAsked(said: string | null): { readonly afterMs?: number } {
  const seconds = said === null ? NaN : Number(said)
  return seconds >= 0 ? { afterMs: seconds * 1000 } : {}
}
