/**
 * A rule at work, in a thread of its own that is ended when the rule does not return: a search through a text or a sort
 * within the interpreter could not be left otherwise.
 */
import { Worker } from 'node:worker_threads'
import { ruleProgram, type RuleAnswer, type RuleGiven, type RuleText } from './rule-interpreter'

export interface RuleThread {
  /** One at a time. A rule that does not return has an answer, too. */
  ask(text: RuleText): Promise<RuleAnswer>
  stop(): void
}

/**
 * A call may take so many beats of the clock: a machine that slept while it ran counts one. A thread may take longer
 * to begin.
 */
const BEAT_MS = 250
const CALL_BEATS = 4
const START_BEATS = 80
const MEMORY_BYTES = 16 * 2 ** 20
const STACK_BYTES = 2 ** 18

export function startRule(code: string): RuleThread {
  const workerData: RuleGiven = {
    from: import.meta.url,
    code,
    memoryBytes: MEMORY_BYTES,
    stackBytes: STACK_BYTES,
  }
  const worker = new Worker(ruleProgram(), { eval: true, workerData, resourceLimits: { stackSizeMb: 4 } })
  worker.on('error', () => {}) // whoever asks is told; between two questions nobody needs to be
  const started = nextOf(worker, START_BEATS)
  return {
    async ask(text) {
      const start = await started
      if (start !== 'started') return problem('could not be started')
      const answer = nextOf(worker, CALL_BEATS)
      worker.postMessage(text)
      const found = await answer
      if (typeof found === 'object') return found
      return problem(found ?? `did not return within ${(BEAT_MS * CALL_BEATS) / 1000} second`)
    },
    stop: () => {
      void worker.terminate()
    },
  }
}

const problem = (words: string): RuleAnswer => ({ problem: words, isOfCompletion: true })

/** What the thread says next: an answer, or a word; undefined when it says nothing in time, and is ended. */
function nextOf(worker: Worker, beats: number): Promise<RuleAnswer | string | undefined> {
  return new Promise((resolve) => {
    let left = beats
    const clock = setInterval(() => {
      if (--left > 0) return
      void worker.terminate()
      end(undefined)
    }, BEAT_MS)
    const broke = ({ message }: Error): void => end(`broke the interpreter: ${message}`)
    const exited = (): void => end('was stopped')
    const end = (found: RuleAnswer | string | undefined): void => {
      clearInterval(clock)
      worker.off('message', end).off('error', broke).off('exit', exited).unref()
      resolve(found)
    }
    worker.on('message', end).on('error', broke).on('exit', exited).ref()
  })
}
