/**
 * The border: frame → own row of the table? → parse → handler → Result.
 *
 * The one place that catches everything. A `StudioFailure` answers with its error; whatever else is thrown is
 * a bug: its stack goes to the log and the caller gets one sentence.
 */
import { z } from 'zod'
import {
  calls,
  streams,
  type CallInput,
  type CallName,
  type CallOutput,
  type StreamInput,
  type StreamItem,
  type StreamName,
} from '../../src-shared/contract'
import { err, ok, StudioFailure, type Result, type StudioError } from '../../src-shared/result'
import type { Frame, Wire } from '../../src-shared/wire'

/** Parsed input: a part that was left out is not there, even where the page sent `undefined`. */
export type Parsed<T> = T extends readonly (infer Item)[]
  ? readonly Parsed<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Parsed<Exclude<T[Key], undefined>> }
    : T

/** One function a row of the table: a row without a handler does not compile. */
export interface Handlers {
  readonly calls: {
    readonly [K in CallName]: (input: Parsed<CallInput<K>>) => CallOutput<K> | Promise<CallOutput<K>>
  }
  /** Items until the handler is done or the signal aborts; after that it returns within its next step. */
  readonly streams: {
    readonly [K in StreamName]: (
      input: Parsed<StreamInput<K>>,
      signal: AbortSignal,
    ) => AsyncIterable<StreamItem<K>>
  }
}

export type ReportBug = (name: string, error: unknown) => void

type Request = Extract<Frame, { readonly kind: 'call' | 'open' | 'close' }>

const requestSchema = z.union([
  z.strictObject({ kind: z.enum(['call', 'open']), id: z.number(), name: z.string(), input: z.unknown() }),
  z.strictObject({ kind: z.literal('close'), id: z.number() }),
])

/** Answers every frame of one page until its wire closes; its open streams are then closed too. */
export function serve(wire: Wire, handlers: Handlers, reportBug: ReportBug): void {
  const open = new Map<number, AbortController>()

  wire.onClose(() => {
    for (const stream of open.values()) stream.abort()
    open.clear()
  })
  wire.onFrame((frame) => {
    const request = requestSchema.safeParse(frame)
    if (!request.success)
      return reportBug('a frame', new Error(`not a request: ${JSON.stringify(frame)?.slice(0, 200)}`))
    handle(request.data as Request).catch((error: unknown) => reportBug('an answer', error))
  })

  async function handle(request: Request): Promise<void> {
    if (request.kind === 'call')
      wire.send({
        kind: 'answer',
        id: request.id,
        result: await answer(handlers, request.name, request.input, reportBug),
      })
    else if (request.kind === 'close') open.get(request.id)?.abort()
    else await run(request.id, request.name, request.input)
  }

  async function run(id: number, name: string, input: unknown): Promise<void> {
    const closing = new AbortController()
    open.set(id, closing)
    let error: StudioError | undefined
    try {
      for await (const item of itemsOf(handlers, name, input, closing.signal)) {
        if (closing.signal.aborted) break
        wire.send({ kind: 'item', id, item })
      }
    } catch (thrown) {
      error = errorOf(name, thrown, reportBug)
    }
    open.delete(id)
    if (!closing.signal.aborted) wire.send(error ? { kind: 'end', id, error } : { kind: 'end', id })
  }
}

async function answer(
  handlers: Handlers,
  name: string,
  input: unknown,
  reportBug: ReportBug,
): Promise<Result<unknown>> {
  try {
    if (!Object.hasOwn(calls, name)) throw unknownRow(name, 'call')
    const row = name as CallName
    const handler = handlers.calls[row] as (parsed: unknown) => unknown
    return ok(await handler(parsed(calls[row].input, input)))
  } catch (thrown) {
    return err(errorOf(name, thrown, reportBug))
  }
}

function itemsOf(
  handlers: Handlers,
  name: string,
  input: unknown,
  signal: AbortSignal,
): AsyncIterable<unknown> {
  if (!Object.hasOwn(streams, name)) throw unknownRow(name, 'stream')
  const row = name as StreamName
  const handler = handlers.streams[row] as (parsed: unknown, signal: AbortSignal) => AsyncIterable<unknown>
  return handler(parsed(streams[row].input, input), signal)
}

const unknownRow = (name: string, kind: string) =>
  new StudioFailure({
    kind: 'invalid-input',
    field: 'name',
    problem: `“${name.slice(0, 100)}” is not a ${kind} of this studio`,
  })

function errorOf(name: string, thrown: unknown, reportBug: ReportBug): StudioError {
  if (thrown instanceof StudioFailure) return thrown.error
  reportBug(name, thrown)
  return { kind: 'bug', message: thrown instanceof Error ? thrown.message : String(thrown) }
}

function parsed(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input, { error: sentenceOf })
  if (result.success) return withoutUndefined(result.data)
  const issue = result.error.issues[0]
  throw new StudioFailure({
    kind: 'invalid-input',
    field: issue?.path.join('.') || 'input',
    problem: issue?.message ?? 'is not valid',
  })
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([name, part]) => [name, withoutUndefined(part)]),
  )
}

/**
 * What is wrong, as the end of a sentence that begins with the field. A sentence the contract itself gives
 * goes first.
 */
const sentenceOf: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${withArticle(issue.expected)}`
    case 'too_small':
      return (
        `must be ${issue.inclusive === false ? 'more than' : 'at least'} ` +
        `${issue.minimum}${unitOf(issue.origin, issue.minimum)}`
      )
    case 'too_big':
      return (
        `must be ${issue.inclusive === false ? 'less than' : 'at most'} ` +
        `${issue.maximum}${unitOf(issue.origin, issue.maximum)}`
      )
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    case 'unrecognized_keys':
      return `has an unknown part: ${issue.keys.join(', ')}`
    default:
      return 'is not valid'
  }
}

const withArticle = (type: string) =>
  ({
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object',
    record: 'an object',
  })[type] ?? type
const unitOf = (origin: string, count: unknown) =>
  ({ string: count === 1 ? ' character long' : ' characters long', array: ' long' })[origin] ?? ''
