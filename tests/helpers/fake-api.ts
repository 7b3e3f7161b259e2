/** An Api in memory: the real wire and the real border, with a test's own few handlers behind them. */
import type { CallName, StreamName } from '../../src-shared/contract'
import { StudioFailure, type StudioError } from '../../src-shared/result'
import { connect, type Frame, type Wire } from '../../src-shared/wire'
import { serve, type Handlers } from '../../src-main/border/serve'
import { readonly, ref } from 'vue'
import type { StudioApi } from '../../src-renderer/api'

export interface FakeHandlers {
  readonly calls?: Partial<Handlers['calls']>
  readonly streams?: Partial<Handlers['streams']>
}

export interface FakeApi extends StudioApi {
  /** What was asked so far, in order. */
  readonly asked: readonly { readonly name: CallName | StreamName; readonly input: unknown }[]
  /** Cuts the connection, as a main process that ended does. */
  readonly disconnect: () => void
}

/**
 * A call or stream without a handler answers that it is not there; an unexpected bug fails the test that made
 * it.
 */
export function fakeApi({ calls = {}, streams = {} }: FakeHandlers): FakeApi {
  const asked: { name: CallName | StreamName; input: unknown }[] = []
  const [page, main] = pipe()
  const absent = () => {
    throw new StudioFailure({ kind: 'not-found', what: 'run', id: 'not in this test' })
  }
  const handlers = {
    calls: withFallback(calls, absent),
    streams: withFallback(streams, absent),
  } as Handlers
  serve(main.wire, handlers, (_name, error) => {
    throw error
  })
  const api = connect(page.wire)
  const isConnected = ref(true)
  return {
    asked,
    isConnected: readonly(isConnected),
    isRefused: readonly(ref(false)),
    pathOf: (file) => Promise.resolve(`/files/${file.name}`),
    folderOf: undefined,
    disconnect: () => {
      isConnected.value = false
      page.close()
      main.close()
    },
    call(name, input) {
      asked.push({ name, input })
      return api.call(name, input)
    },
    stream(name, input, signal) {
      asked.push({ name, input })
      return api.stream(name, input, signal)
    },
  }
}

export interface Channel<T> {
  /**
   * The handler: items pushed before it is opened wait for it. Each opening hears all that is pushed after
   * it.
   */
  readonly items: (input: unknown, signal: AbortSignal) => AsyncIterable<T>
  readonly push: (item: T) => void
  readonly end: (error?: StudioError) => void
  /** How many are listening. */
  readonly listeners: () => number
}

/** A stream that a test feeds by hand. `first` says what a new listener hears at once. */
export function channel<T>(first: () => T | undefined = () => undefined): Channel<T> {
  const open = new Set<{ readonly queue: T[]; wake: () => void; ended?: { readonly error?: StudioError } }>()
  return {
    push(item) {
      for (const listener of open) {
        listener.queue.push(item)
        listener.wake()
      }
    },
    end(error) {
      for (const listener of open) {
        listener.ended = error ? { error } : {}
        listener.wake()
      }
    },
    listeners: () => open.size,
    async *items(_input, signal) {
      const initial = first()
      const listener: { readonly queue: T[]; wake: () => void; ended?: { readonly error?: StudioError } } = {
        queue: initial === undefined ? [] : [initial],
        wake: () => {},
      }
      open.add(listener)
      signal.addEventListener('abort', () => listener.wake())
      try {
        while (!signal.aborted) {
          while (listener.queue.length > 0) yield listener.queue.shift() as T
          if (listener.ended?.error) throw new StudioFailure(listener.ended.error)
          if (listener.ended) return
          await new Promise<void>((resolve) => {
            listener.wake = resolve
          })
        }
      } finally {
        open.delete(listener)
      }
    },
  }
}

/** Lets everything that is on its way arrive. */
export const settled = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function withFallback(handlers: object, fallback: () => never): object {
  return new Proxy(handlers, {
    get: (target, name) => (target as Record<PropertyKey, unknown>)[name] ?? fallback,
  })
}

/** Two ends of one pipe; frames are copied and arrive later, as over any process border. */
function pipe(): readonly [End, End] {
  const ends = [end(), end()] as const
  ends[0].send = (frame) => ends[1].receive(frame)
  ends[1].send = (frame) => ends[0].receive(frame)
  return ends
}

interface End {
  readonly wire: Wire
  send: (frame: Frame) => void
  readonly receive: (frame: Frame) => void
  readonly close: () => void
}

function end(): End {
  const onFrame: ((frame: Frame) => void)[] = []
  const onClose: (() => void)[] = []
  let isClosed = false
  const self: End = {
    wire: {
      send: (frame) => {
        const copy = structuredClone(frame)
        queueMicrotask(() => {
          if (!isClosed) self.send(copy)
        })
      },
      onFrame: (listener) => {
        onFrame.push(listener)
      },
      onClose: (listener) => {
        onClose.push(listener)
      },
    },
    send: () => {},
    receive: (frame) => {
      if (!isClosed) for (const listener of onFrame) listener(frame)
    },
    close: () => {
      isClosed = true
      for (const listener of onClose) listener()
    },
  }
  return self
}
