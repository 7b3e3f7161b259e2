/**
 * Runs of several sessions at the same time, each in a thread of its own. Two threads that share every
 * operator of a small model wait for each other most of the time, since few operators are worth sharing; with
 * a part of the batch each they never wait.
 *
 * A thread is given two addresses and calls ONNX Runtime with them; no number goes through JavaScript.
 */
import { failureOf } from '../device-failure'
import type { Pointer } from './onnx-functions'
import { onnxRuntime } from './onnx-runtime'
import type { ReadyRun } from '../session'
import { startThread } from '../training/threads'

interface Lane {
  start(addresses: NonNullable<ReadyRun['addresses']>): void
  /** Blocks until it is done. @throws DeviceFailure, or what ONNX Runtime says */
  finish(): void
}

const lanes: Lane[] = []

/**
 * Makes all runs, the first in this thread, and returns when the last is made.
 * @throws what went wrong in the first of those that failed
 */
export function makeTogether([own, ...others]: readonly ReadyRun[]): void {
  const started = others.map(({ addresses }, index) => {
    if (!addresses) throw new Error('only sessions on the CPU run side by side')
    const lane = (lanes[index] ??= openLane())
    lane.start(addresses)
    return lane
  })
  const problems = [() => own?.make(), ...started.map((lane) => lane.finish)].flatMap((work) => {
    try {
      work()
      return []
    } catch (error) {
      return [error]
    }
  })
  if (problems.length > 0) throw problems[0]
}

function openLane(): Lane {
  const runtime = onnxRuntime()
  // session, binding, status
  const addresses = new BigInt64Array(new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT))
  const thread = startThread(runningSessions, {
    addresses,
    runAddress: runtime.runAddress,
    library: runtime.library,
    from: import.meta.url,
  })
  return {
    start({ session, binding }) {
      addresses.set([session, binding])
      thread.begin()
    },
    finish() {
      thread.end()
      try {
        runtime.check(addresses[2] as Pointer)
      } catch (error) {
        throw failureOf(error)
      }
    },
  }
}

interface LaneData {
  readonly addresses: BigInt64Array
  readonly runAddress: Pointer
  readonly library: string
  /** The module whose packages the thread loads. */
  readonly from: string
}

/** The work of a lane's thread, which gets it as text. */
function runningSessions({ addresses, runAddress, library, from }: LaneData): () => void {
  const koffi = process.getBuiltinModule('node:module').createRequire(from)('koffi') as typeof import('koffi')
  const held = koffi.load(library)
  const run = koffi.decode(runAddress, koffi.proto('void *', ['void *', 'void *', 'void *'])) as (
    session: bigint,
    options: null,
    binding: bigint,
  ) => bigint | null
  return () => {
    if (held) addresses[2] = run(addresses[0] as bigint, null, addresses[1] as bigint) ?? 0n
  }
}
