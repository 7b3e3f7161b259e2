/**
 * Call and stream frames over any ordered two-way message pipe: a MessagePort, a WebSocket. Neither end knows
 * which.
 */
import type { CallInput, CallName, CallOutput, StreamInput, StreamItem, StreamName } from './contract'
import { StudioFailure, type Result, type StudioError } from './result'

export type Frame =
  | { readonly kind: 'call' | 'open'; readonly id: number; readonly name: string; readonly input: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: 'item'; readonly id: number; readonly item: unknown }
  | { readonly kind: 'end'; readonly id: number; readonly error?: StudioError }
  | { readonly kind: 'close'; readonly id: number }

export interface Wire {
  send(frame: Frame): void
  onFrame(listener: (frame: Frame) => void): void
  /** Called once, when the pipe is gone. */
  onClose(listener: () => void): void
}

/** The part of an AbortSignal that is used here; this folder knows no DOM and no Node. */
export interface Signal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** What the page holds: the contract as functions. */
export interface Api {
  /** One question, one answer. A refusal comes back as a value. */
  call<K extends CallName>(name: K, input: CallInput<K>): Promise<Result<CallOutput<K>>>
  /** Items until either side closes. @throws StudioFailure when main ends it with an error */
  stream<K extends StreamName>(name: K, input: StreamInput<K>, signal: Signal): AsyncIterable<StreamItem<K>>
}

interface Waiting {
  item(item: unknown): void
  end(result: Result<unknown>): void
}

/** The page's end of a wire. */
export function connect(wire: Wire): Api {
  const waiting = new Map<number, Waiting>()
  let nextId = 1
  let isClosed = false

  wire.onFrame((frame) => {
    const entry = waiting.get(frame.id)
    if (!entry) return
    if (frame.kind === 'item') return entry.item(frame.item)
    waiting.delete(frame.id)
    if (frame.kind === 'answer') entry.end(frame.result)
    if (frame.kind === 'end')
      entry.end(frame.error ? { ok: false, error: frame.error } : { ok: true, value: undefined })
  })
  wire.onClose(() => {
    isClosed = true
    for (const entry of waiting.values()) entry.end({ ok: false, error: { kind: 'disconnected' } })
    waiting.clear()
  })

  function open(kind: 'call' | 'open', name: string, input: unknown, entry: Waiting): number {
    const id = nextId++
    if (isClosed) entry.end({ ok: false, error: { kind: 'disconnected' } })
    else {
      waiting.set(id, entry)
      wire.send({ kind, id, name, input })
    }
    return id
  }

  return {
    call: <K extends CallName>(name: K, input: CallInput<K>) =>
      new Promise<Result<CallOutput<K>>>((resolve) => {
        open('call', name, input, {
          item: () => {},
          end: (result) => resolve(result as Result<CallOutput<K>>),
        })
      }),
    async *stream<K extends StreamName>(name: K, input: StreamInput<K>, signal: Signal) {
      const items: unknown[] = []
      let ended: Result<unknown> | undefined
      let wake = () => {}
      const id = open('open', name, input, {
        item: (item) => {
          items.push(item)
          wake()
        },
        end: (result) => {
          ended = result
          wake()
        },
      })
      const close = () => {
        if (waiting.delete(id)) wire.send({ kind: 'close', id })
        ended ??= { ok: true, value: undefined }
        items.length = 0
        wake()
      }
      if (signal.aborted) close()
      signal.addEventListener('abort', close, { once: true })
      try {
        for (;;) {
          while (items.length > 0) yield items.shift() as StreamItem<K>
          if (ended) break
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (ended && !ended.ok) throw new StudioFailure(ended.error)
      } finally {
        signal.removeEventListener('abort', close)
        close()
      }
    },
  }
}
