/**
 * Runs of several sessions at the same time, each in a thread of its own. Two threads that share every operator of a small model wait for each other
 * most of the time, since few operators are worth sharing; with a part of the batch each they never wait.
 *
 * The threads are Node's workers. They are given two addresses and call ONNX Runtime with them; no number goes through JavaScript.
 */
import { Worker } from 'node:worker_threads'
import { DeviceFailure, failureOf } from './device-failure'
import { onnxRuntime, type Pointer } from './onnx-runtime'
import type { ReadyRun } from './session'

/** What a lane's thread is doing: the number both sides wait for. */
const states = { idle: 0, working: 1, done: 2, starting: 3 } as const
const START_LIMIT_MS = 20_000

interface Lane {
  start(addresses: NonNullable<ReadyRun['addresses']>): void
  /** Blocks until it is done. @throws DeviceFailure, or what ONNX Runtime says */
  finish(): void
}

const lanes: Lane[] = []

/** Makes all runs, the first in this thread, and returns when the last is made. @throws what went wrong in the first of those that failed */
export function makeTogether([own, ...others]: readonly ReadyRun[]): void {
  const started = others.map(({ addresses }, index) => {
    if (!addresses) throw new Error('only sessions on the CPU run side by side')
    const lane = (lanes[index] ??= openLane())
    lane.start(addresses)
    return lane
  })
  const problems = [() => own?.make(), ...started.map(lane => lane.finish)].flatMap(work => {
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
  const runtime = onnxRuntime(), shared = new SharedArrayBuffer(32)
  const state = new Int32Array(shared, 0, 1), places = new BigInt64Array(shared, 8, 3)   // session, binding, status
  state[0] = states.starting
  const workerData: ThreadData = { shared, states, runAddress: runtime.runAddress, library: runtime.library, from: import.meta.url }
  new Worker(`(${laneThread.toString()})()`, { eval: true, workerData }).unref()
  if (Atomics.wait(state, 0, states.starting, START_LIMIT_MS) === 'timed-out') throw new DeviceFailure('A thread of the CPU did not start.')
  return {
    start({ session, binding }) {
      places.set([session, binding])
      Atomics.store(state, 0, states.working)
      Atomics.notify(state, 0)
    },
    finish() {
      while (Atomics.load(state, 0) === states.working) Atomics.wait(state, 0, states.working)
      Atomics.store(state, 0, states.idle)
      try {
        runtime.check(places[2] as Pointer)
      } catch (error) {
        throw failureOf(error)
      }
    },
  }
}

interface ThreadData {
  readonly shared: SharedArrayBuffer
  readonly states: typeof states
  readonly runAddress: Pointer
  readonly library: string
  /** The module whose packages the thread loads. */
  readonly from: string
}

/** All that a lane's thread does. It is handed over as text, so that it runs from the bundle as from source: nothing outside it can be named here. */
function laneThread(): void {
  const { shared, states, runAddress, library, from } = process.getBuiltinModule('node:worker_threads').workerData as ThreadData
  const koffi = process.getBuiltinModule('node:module').createRequire(from)('koffi') as typeof import('koffi')
  const held = koffi.load(library)
  const run = koffi.decode(runAddress, koffi.proto('void *', ['void *', 'void *', 'void *'])) as (session: bigint, options: null, binding: bigint) => bigint | null
  const state = new Int32Array(shared, 0, 1), places = new BigInt64Array(shared, 8, 3)
  for (let now: number = states.starting; held; now = Atomics.load(state, 0)) {
    if (now === states.working) {
      places[2] = run(places[0] as bigint, null, places[1] as bigint) ?? 0n
      Atomics.store(state, 0, states.done)
      Atomics.notify(state, 0)
    } else if (now === states.starting) {
      Atomics.store(state, 0, states.idle)
      Atomics.notify(state, 0)
    } else {
      Atomics.wait(state, 0, now)
    }
  }
}
