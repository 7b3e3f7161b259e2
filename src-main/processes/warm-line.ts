/**
 * Main's line to a warm process. It starts with the first request; when it ends by itself, what was asked of it
 * fails, and the next request starts another.
 */
import { StudioFailure } from '../../src-shared/result'
import { connect, type Caller, type Signal } from '../../src-shared/wire'
import { childWire } from './child-wire'
import type { ComputeChild, ForkCompute } from './compute-child'
import type { WarmContract } from './contract'

type Calls = WarmContract['calls']
type Streams = WarmContract['streams']

export interface WarmLine {
  /** @throws StudioFailure whatever comes back as an error; cancelled, when the signal took it back */
  ask<K extends keyof Calls>(name: K, input: Calls[K]['input'], signal?: Signal): Promise<Calls[K]['output']>
  /** Items until it ends or the signal aborts. @throws StudioFailure */
  stream<K extends keyof Streams>(
    name: K,
    input: Streams[K]['input'],
    signal: Signal,
  ): AsyncIterable<Streams[K]['item']>
  /** Ends the process, and with it what is under way. */
  close(): void
}

export function warmLine(registryPath: string, fork: ForkCompute): WarmLine {
  let child: ComputeChild | undefined
  let caller: Caller<WarmContract> | undefined
  let isClosed = false

  function open(): Caller<WarmContract> {
    if (isClosed) throw new StudioFailure({ kind: 'compute-failed', problem: 'The studio is closing.' })
    if (caller) return caller
    child = fork()
    child.send({ kind: 'warm', registryPath })
    const wire = childWire(child, ({ lastWords }) => {
      child = undefined
      caller = undefined
      if (lastWords && !isClosed) console.error(lastWords)
    })
    return (caller = connect<WarmContract>(wire))
  }

  return {
    ask: async (name, input, signal) => {
      const answer = await open().call(name, input, signal)
      if (!answer.ok) throw new StudioFailure(answer.error)
      return answer.value
    },
    stream: async function* (name, input, signal) {
      if (!signal.aborted) yield* open().stream(name, input, signal)
    },
    close: () => {
      isClosed = true
      child?.kill()
    },
  }
}
