/** What the page alone answers with: every call and every stream of the contract has a row, or nothing compiles. */
import type { Signal } from '../../src-shared/wire'
import type {
  CallInput,
  CallName,
  CallOutput,
  StreamInput,
  StreamItem,
  StreamName,
} from '../../src-shared/contract'
import { StudioFailure, type StudioError } from '../../src-shared/result'

export type Answers = { readonly [K in CallName]: (input: CallInput<K>) => CallOutput<K> }

export type Sources = {
  readonly [K in StreamName]: (input: StreamInput<K>, signal: Signal) => AsyncIterable<StreamItem<K>>
}

/** The answers and the streams of one noun: `Part<'datasets'>`. */
export interface Part<Noun extends string> {
  readonly calls: Pick<Answers, Extract<CallName, `${Noun}.${string}`>>
  readonly streams: Pick<Sources, Extract<StreamName, `${Noun}.${string}`>>
}

type Missing = Extract<StudioError, { readonly kind: 'not-found' }>['what']

/** @throws StudioFailure where there is none of this id */
export function found<T extends { readonly id: string }>(all: readonly T[], what: Missing, id: string): T {
  const one = all.find((each) => each.id === id)
  if (!one) throw new StudioFailure({ kind: 'not-found', what, id })
  return one
}

export const pause = (ms: number, signal: Signal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
