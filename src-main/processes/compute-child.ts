/**
 * A compute process as main sees it, whoever started it: Node forks it here; Electron's entry brings its own.
 */
import { fork } from 'node:child_process'
import { noTelemetry } from '../compute/no-telemetry'
import { nativeProblem } from '../places/native-problem'
import type { FromCompute, ToCompute } from './messages'
import { MAIN_PROCESS } from './parent-watch'

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: string | null
  /** The end of what it wrote to its error stream. */
  readonly lastWords: string
  /** It goes on elsewhere, and is heard again at the next start. */
  readonly isLeft?: boolean
}

export interface ComputeChild {
  readonly pid: number | undefined
  send(message: ToCompute): void
  onMessage(listener: (message: FromCompute) => void): void
  /** Called once, after its last message. */
  onEnd(listener: (end: ProcessEnd) => void): void
  /** Ends it at once; nothing is saved. */
  kill(): void
  /** Of one that goes on without this program: lets it. */
  leave?(): void
}

export type ForkCompute = () => ComputeChild

/**
 * What compute processes find in their environment: main's process id, with whose end theirs comes; and glibc
 * shall ask Linux for large pages, and reads so as a process starts. What it gives stands in
 * resources/docs/performance.md. ONNX Runtime reports to nobody.
 */
export const computeEnvironment = (): NodeJS.ProcessEnv => ({
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
  ...process.env,
  ...noTelemetry,
  [MAIN_PROCESS]: String(process.pid),
})

/** @param entry the built `compute-process.js` */
export function forkNode(entry: string): ForkCompute {
  return () => {
    const child = fork(entry, {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      env: computeEnvironment(),
    })
    const lastWords = tailOf(child.stderr)
    // A message to a process that has just died: its end is reported by onEnd.
    child.on('error', () => {})
    return {
      pid: child.pid,
      send: (message) => {
        if (child.connected) child.send(message, () => {})
      },
      onMessage: (listener) => {
        child.on('message', (message) => listener(message as FromCompute))
      },
      onEnd: (listener) => {
        child.once('close', (code, signal) => listener({ code, signal, lastWords: lastWords() }))
      },
      kill: () => {
        child.kill('SIGKILL')
      },
    }
  }
}

const tailCharacters = 2000

/** Keeps the end of a stream of text. */
export function tailOf(stream: NodeJS.ReadableStream | null): () => string {
  let tail = ''
  stream?.on('data', (chunk: Buffer | string) => {
    tail = (tail + chunk.toString()).slice(-tailCharacters)
  })
  return () => tail.trim()
}

/** How a process ended, for people. */
export function endInWords({ code, signal, lastWords }: ProcessEnd): string {
  if (/heap out of memory|process out of memory|Cannot allocate memory/i.test(lastWords))
    return 'The compute process ran out of memory'
  const missing = nativeProblem(lastWords)
  if (missing !== undefined) return `The compute process could not start. ${missing.replace(/\.$/, '')}`
  if (signal === 'SIGKILL') return 'The compute process was killed; perhaps the machine ran out of memory'
  if (signal) return `The compute process crashed (${signal})`
  return `The compute process ended by itself (code ${code ?? 'unknown'})`
}
