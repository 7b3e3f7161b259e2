/**
 * The answering end of a wire: frame → input as the border wants it → row of the table → frame. The one place that
 * catches everything; what an error is to the caller, the border says.
 */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { err, ok, type Result, type StudioError } from '../../src-shared/result'
import type { Contract, Frame, Wire } from '../../src-shared/wire'
import type { Asker } from '../changes/asker'

type Answer<Input, Output> = (input: Input, signal: AbortSignal, asker: Asker) => Output | Promise<Output>
type Items<Input, Item> = (input: Input, signal: AbortSignal, asker: Asker) => AsyncIterable<Item>

/**
 * One function a row of the contract: a row without one does not compile. The signal aborts when nothing more is
 * wanted; a stream then returns within its next step.
 */
export interface Answers<C extends Contract> {
  readonly calls: {
    readonly [K in keyof C['calls']]: Answer<C['calls'][K]['input'], C['calls'][K]['output']>
  }
  readonly streams: {
    readonly [K in keyof C['streams']]: Items<C['streams'][K]['input'], C['streams'][K]['item']>
  }
}

/** The answers of any contract. Only what a border has read goes in. */
export interface Rows {
  readonly calls: Readonly<Record<string, Answer<never, unknown>>>
  readonly streams: Readonly<Record<string, Items<never, unknown>>>
}

export interface Border {
  /** The input as its row takes it. @throws StudioFailure when there is no such row, or it takes something else */
  readonly read: (kind: 'calls' | 'streams', name: string, input: unknown) => unknown
  /** What the caller gets for what was thrown. */
  readonly errorOf: (name: string, thrown: unknown) => StudioError
  readonly reportBug: ReportBug
}

export type ReportBug = (where: string, error: unknown) => void

type Request = Extract<Frame, { readonly kind: 'call' | 'open' | 'close' }>
type Opening = Exclude<Request, { readonly kind: 'close' }>

const requestSchema = z.union([
  z.strictObject({ kind: z.enum(['call', 'open']), id: z.number(), name: z.string(), input: z.unknown() }),
  z.strictObject({ kind: z.literal('close'), id: z.number() }),
])

/** Answers every frame of one caller until its wire closes; what is under way for it is then aborted, too. */
export function answer(wire: Wire, rows: Rows, border: Border): void {
  const underWay = new Map<number, AbortController>()
  const asker: Asker = { id: randomUUID() }
  let isJunkReported = false

  wire.onClose(() => {
    for (const request of underWay.values()) request.abort()
    underWay.clear()
  })
  wire.onFrame((frame) => {
    const request = requestSchema.safeParse(frame)
    if (request.success) take(request.data as Request)
    else reportJunk(frame)
  })

  /** The first of a wire: whoever sends a million more fills no log with them. */
  function reportJunk(frame: unknown): void {
    if (isJunkReported) return
    isJunkReported = true
    border.reportBug('a frame', new Error(`not a request: ${JSON.stringify(frame)?.slice(0, 200)}`))
  }

  function take(request: Request): void {
    if (request.kind === 'close') return underWay.get(request.id)?.abort()
    const closing = new AbortController()
    underWay.set(request.id, closing)
    const work = request.kind === 'call' ? answerCall : sendItems
    work(wire, request, { rows, border, signal: closing.signal, asker })
      .catch((error: unknown) => border.reportBug('an answer', error))
      .finally(() => underWay.delete(request.id))
  }
}

interface Work {
  readonly rows: Rows
  readonly border: Border
  readonly signal: AbortSignal
  readonly asker: Asker
}

async function answerCall(wire: Wire, { id, name, input }: Opening, work: Work): Promise<void> {
  const result = await resultOf(name, input, work)
  if (!work.signal.aborted) wire.send({ kind: 'answer', id, result })
}

async function resultOf(
  name: string,
  input: unknown,
  { rows, border, signal, asker }: Work,
): Promise<Result<unknown>> {
  try {
    const read = border.read('calls', name, input) as never
    return ok(await rows.calls[name]!(read, signal, asker))
  } catch (thrown) {
    return err(border.errorOf(name, thrown))
  }
}

async function sendItems(wire: Wire, { id, name, input }: Opening, work: Work): Promise<void> {
  const { rows, border, signal, asker } = work
  let error: StudioError | undefined
  try {
    const read = border.read('streams', name, input) as never
    for await (const item of rows.streams[name]!(read, signal, asker)) {
      if (signal.aborted) break
      wire.send({ kind: 'item', id, item })
      await wire.drained?.()
    }
  } catch (thrown) {
    error = border.errorOf(name, thrown)
  }
  if (!signal.aborted) wire.send({ kind: 'end', id, ...(error && { error }) })
}
