/**
 * Threads that wait for work on memory they share with their caller: Node's workers, told to begin and waited
 * for by one number, without messages.
 */
import { Worker } from 'node:worker_threads'
import { DeviceFailure } from '../device-failure'

/** What a thread is doing: the number both sides wait for. */
const states = { idle: 0, working: 1, done: 2, failed: 3, starting: 4 } as const
const START_LIMIT_MS = 20_000

export interface Thread {
  /** Lets it do its work once, while the caller goes on. */
  begin(): void
  /** Blocks until it has done it. @throws DeviceFailure when it has failed */
  end(): void
  stop(): void
}

interface ThreadData<Given> {
  readonly state: Int32Array
  readonly states: typeof states
  readonly given: Given
}

/**
 * Starts a thread and blocks until it is there.
 * @param prepare makes its work of what it is given. It is handed over as text, so that it runs from the
 *   bundle as from source: nothing outside it can be named in it
 * @param given is cloned; what lies in shared memory is shared
 */
export function startThread<Given>(prepare: (given: Given) => () => void, given: Given): Thread {
  const state = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(states.starting)
  const workerData: ThreadData<Given> = { state, states, given }
  const worker = new Worker(`(${waiting.toString()})(${prepare.toString()})`, { eval: true, workerData })
  worker.unref()
  if (Atomics.wait(state, 0, states.starting, START_LIMIT_MS) === 'timed-out')
    throw new DeviceFailure('A thread of the CPU did not start.')
  return {
    begin() {
      Atomics.store(state, 0, states.working)
      Atomics.notify(state, 0)
    },
    end() {
      while (Atomics.load(state, 0) === states.working) Atomics.wait(state, 0, states.working)
      if (Atomics.exchange(state, 0, states.idle) === states.failed)
        throw new DeviceFailure('A thread of the CPU failed at its work.')
    },
    stop: () => {
      void worker.terminate()
    },
  }
}

/** All that a thread does. */
function waiting<Given>(prepare: (given: Given) => () => void): void {
  const { state, states, given } = process.getBuiltinModule('node:worker_threads')
    .workerData as ThreadData<Given>
  const work = prepare(given)
  const tell = (now: number) => {
    Atomics.store(state, 0, now)
    Atomics.notify(state, 0)
  }
  tell(states.idle)
  for (;;) {
    const now = Atomics.load(state, 0)
    if (now !== states.working) {
      Atomics.wait(state, 0, now)
      continue
    }
    try {
      work()
      tell(states.done)
    } catch {
      tell(states.failed)
    }
  }
}
