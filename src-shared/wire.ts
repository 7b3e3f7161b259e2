/**
 * Call and stream frames over any ordered two-way message pipe: a MessagePort, a WebSocket, the channel to another
 * process. Neither end knows which. What may be asked is a contract's business; request numbers, taking a request
 * back, items that wait for their reader and lost pipes are written here, once.
 */
import { bell } from './bell'
import type { StudioContract } from './contract'
import { err, ok, StudioFailure, type Result, type StudioError } from './result'

/** What one end may ask of the other: each call's input and output, each stream's input and item. Types alone. */
export interface Contract {
  readonly calls: Readonly<Record<string, { readonly input: unknown; readonly output: unknown }>>
  readonly streams: Readonly<Record<string, { readonly input: unknown; readonly item: unknown }>>
}

export type Frame =
  | { readonly kind: 'call' | 'open'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: 'item'; readonly id: number; readonly item: unknown }
  | { readonly kind: 'end'; readonly id: number; readonly error?: StudioError }
  /** Takes a call or a stream back: nothing more is wanted of it. */
  | { readonly kind: 'close'; readonly id: number }

export interface Wire {
  send(frame: Frame): void
  /** Resolves when the other end has read enough of what was sent; a pipe without it never fills. */
  drained?(): Promise<void>
  onFrame(listener: (frame: Frame) => void): void
  /** Called once, when the pipe is gone, with what is known of why. */
  onClose(listener: (why?: StudioError) => void): void
}

/** The part of an AbortSignal that is used here; this folder knows no DOM and no Node. */
export interface Signal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The contract as functions, for whoever asks. */
export interface Caller<C extends Contract> {
  /** One question, one answer. A refusal comes back as a value: `cancelled` when the signal took it back. */
  call<K extends string & keyof C['calls']>(
    name: K,
    input: C['calls'][K]['input'],
    signal?: Signal,
  ): Promise<Result<C['calls'][K]['output']>>
  /** Items until either side closes. @throws StudioFailure when the other side ends it with an error */
  stream<K extends string & keyof C['streams']>(
    name: K,
    input: C['streams'][K]['input'],
    signal: Signal,
  ): AsyncIterable<C['streams'][K]['item']>
}

/** What the page holds. */
export type Api = Caller<StudioContract>

/** The asking end of a wire. What comes back is typed by trust: the other end is compiled against the same contract. */
export function connect<C extends Contract = StudioContract>(wire: Wire): Caller<C> {
  const open = openRequests(wire)
  return {
    call: (name, input, signal) =>
      answerOf((listener) => open('call', name, input, listener), signal) as Promise<Result<never>>,
    stream: (name, input, signal) =>
      itemsOf((listener) => open('open', name, input, listener), signal) as AsyncGenerator<never>,
  }
}

/** Who waits for what the other side says of one request. */
interface Listener {
  item(item: unknown): void
  end(result: Result<unknown>): void
}

interface OpenRequest {
  /** Nothing more comes, and the other side hears of it, unless the request has ended. */
  takeBack(): void
}

type Open = (kind: 'call' | 'open', name: string, input: unknown, listener: Listener) => OpenRequest

/** Numbers requests and hands each what is said of it, until the wire is lost. */
function openRequests(wire: Wire): Open {
  const waiting = new Map<number, Listener>()
  let nextId = 1
  let lost: Result<never> | undefined

  wire.onFrame((frame) => {
    const listener = waiting.get(frame.id)
    if (!listener) return
    if (frame.kind === 'item') return listener.item(frame.item)
    waiting.delete(frame.id)
    if (frame.kind === 'answer') listener.end(frame.result)
    if (frame.kind === 'end') listener.end(frame.error ? err(frame.error) : ok(undefined))
  })
  wire.onClose((why = { kind: 'disconnected' }) => {
    lost = err(why)
    for (const listener of waiting.values()) listener.end(lost)
    waiting.clear()
  })

  return (kind, name, input, listener) => {
    const id = nextId++
    if (lost) listener.end(lost)
    else {
      waiting.set(id, listener)
      wire.send({ kind, id, name, input })
    }
    return {
      takeBack: () => {
        if (waiting.delete(id)) wire.send({ kind: 'close', id })
      },
    }
  }
}

function answerOf(open: (listener: Listener) => OpenRequest, signal?: Signal): Promise<Result<unknown>> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(err({ kind: 'cancelled' }))
    const request = open({ item: () => {}, end })
    signal?.addEventListener('abort', takeBack, { once: true })

    function end(result: Result<unknown>): void {
      signal?.removeEventListener('abort', takeBack)
      resolve(result)
    }
    function takeBack(): void {
      request.takeBack()
      end(err({ kind: 'cancelled' }))
    }
  })
}

/**
 * Items in the order they came. They wait for their reader; leaving the loop, or the signal, takes the request back.
 */
async function* itemsOf(open: (listener: Listener) => OpenRequest, signal: Signal): AsyncGenerator<unknown> {
  if (signal.aborted) return
  const items: unknown[] = []
  const news = bell()
  let ended: Result<unknown> | undefined
  const end = (result: Result<unknown>) => {
    ended ??= result
    news.ring()
  }
  const request = open({
    item: (item) => {
      items.push(item)
      news.ring()
    },
    end,
  })
  const close = () => {
    request.takeBack()
    items.length = 0
    end(ok(undefined))
  }
  signal.addEventListener('abort', close, { once: true })
  try {
    for (;;) {
      while (items.length > 0) yield items.shift()
      if (ended) break
      await news.heard()
    }
    if (!ended.ok) throw new StudioFailure(ended.error)
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
