/**
 * What has changed, said to whoever watches. A watcher that is busy gets what it missed merged into one item.
 */
import { bell } from '../../src-shared/bell'

export interface Topic<T> {
  publish(item: T): void
  /** @returns how to stop listening */
  subscribe(listener: (item: T) => void): () => void
}

export function topic<T>(): Topic<T> {
  const listeners = new Set<(item: T) => void>()
  return {
    publish: (item) => {
      for (const listener of [...listeners]) listener(item)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** Shortest time between two items of one stream: ten a second. */
const everyMs = 100

/**
 * What a topic publishes from now on, at most ten items a second, or as seldom as it is said. It listens from the
 * moment it is called, not from its first `next`: what is read from the store in the same turn and what comes here
 * leave neither gap nor double.
 */
export function changesOf<T>(
  source: Topic<T>,
  merge: (before: T, now: T) => T,
  signal: AbortSignal,
  atLeastMs = everyMs,
): AsyncIterable<T> {
  const news = bell()
  let waiting: { readonly item: T } | undefined
  const stop = source.subscribe((item) => {
    waiting = { item: waiting ? merge(waiting.item, item) : item }
    news.ring()
  })
  const end = () => {
    stop()
    news.ring()
  }
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) stop()

  return (async function* () {
    try {
      while (!signal.aborted) {
        if (!waiting) await news.heard()
        if (!waiting || signal.aborted) continue
        const { item } = waiting
        waiting = undefined
        yield item
        await pause(atLeastMs, signal)
      }
    } finally {
      stop()
      signal.removeEventListener('abort', end)
    }
  })()
}

/** Calls `say` at most once in `ms`: that long after the first of the calls that ask for it. */
export function seldom(say: () => void, ms: number): () => void {
  let timer: NodeJS.Timeout | undefined
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined
      say()
    }, ms).unref()
  }
}

/** Resolves after `ms`, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * Lets the process read its messages and answer others: what is long goes in parts with this between them.
 */
export const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

/** What there is now, and again after each change. Reading and listening begin in the same turn. */
export async function* nowAndOnChange<T, Change>(
  source: Topic<Change>,
  read: () => T,
  signal: AbortSignal,
  atLeastMs = everyMs,
): AsyncGenerator<T> {
  const changes = changesOf(source, (_, now) => now, signal, atLeastMs)
  yield read()
  for await (const _ of changes) yield read()
}

/** The items that pass. */
export const only = <T>(source: Topic<T>, passes: (item: T) => boolean): Topic<T> => ({
  publish: source.publish,
  subscribe: (listener) =>
    source.subscribe((item) => {
      if (passes(item)) listener(item)
    }),
})
