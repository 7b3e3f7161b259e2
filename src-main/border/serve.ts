/**
 * The page's border: own row of the contract? → parse → handler. A `StudioFailure` answers with its error; whatever
 * else is thrown is a bug: its stack goes to the log and the page gets one sentence.
 */
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
import { StudioFailure, type StudioError } from '../../src-shared/result'
import type { Wire } from '../../src-shared/wire'
import type { Asker } from '../changes/asker'
import { diskFailure } from '../places/disk-failure'
import { answer, type ReportBug } from './answer'
import { readInput, type Parsed } from './read-input'

/** One function a row of the table: a row without a handler does not compile. */
export interface Handlers {
  readonly calls: {
    readonly [K in CallName]: (
      input: Parsed<CallInput<K>>,
      signal: AbortSignal,
      asker: Asker,
    ) => CallOutput<K> | Promise<CallOutput<K>>
  }
  /** Items until the handler is done or the signal aborts; after that it returns within its next step. */
  readonly streams: {
    readonly [K in StreamName]: (
      input: Parsed<StreamInput<K>>,
      signal: AbortSignal,
      asker: Asker,
    ) => AsyncIterable<StreamItem<K>>
  }
}

const contract = { calls, streams }

/** @throws StudioFailure when there is no such row, or it takes something else */
export function readCall(kind: 'calls' | 'streams', name: string, input: unknown): unknown {
  if (!Object.hasOwn(contract[kind], name)) throw unknownRow(kind, name)
  return readInput(contract[kind][name as never]['input'], input)
}

/** Answers every frame of one page until its wire closes; its open streams are then closed too. */
export const serve = (wire: Wire, handlers: Handlers, reportBug: ReportBug): void =>
  answer(wire, handlers, {
    read: readCall,
    errorOf: (name, thrown) => errorOf(name, thrown, reportBug),
    reportBug,
  })

const unknownRow = (kind: 'calls' | 'streams', name: string) =>
  new StudioFailure({
    kind: 'invalid-input',
    field: 'name',
    problem: `“${name.slice(0, 100)}” is not a ${kind === 'calls' ? 'call' : 'stream'} of this studio`,
  })

function errorOf(name: string, thrown: unknown, reportBug: ReportBug): StudioError {
  if (thrown instanceof StudioFailure) return thrown.error
  const refused = diskFailure(thrown)
  if (refused) return refused.error
  reportBug(name, thrown)
  return { kind: 'bug', message: thrown instanceof Error ? thrown.message : String(thrown) }
}
