/**
 * The kernels of `adamw.wat`, called on pieces of memory by several threads. Such a pass is as fast as a core
 * gets at memory, and two cores get at more of it (resources/docs/performance.md).
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { startThread } from './threads'

/** What the kernels are called; a call says which by its place here. */
const kernels = ['sumOfSquares', 'add', 'update'] as const

export interface Call {
  readonly kernel: (typeof kernels)[number]
  /** Which of the memories. */
  readonly memory: number
  /** As the kernel takes them: positions are bytes. */
  readonly given: readonly number[]
}

export interface MemoryPasses {
  /** Makes the calls, in any order, and blocks until the last is made. @returns what each answered */
  make(calls: readonly Call[]): Float64Array
  dispose(): void
}

/** Numbers of a call in the table that threads share: kernel, memory, and what the kernel is given. */
const CALL_NUMBERS = 14

interface Shared {
  readonly module: WebAssembly.Module
  readonly memories: readonly WebAssembly.Memory[]
  readonly kernels: readonly string[]
  /** The next call to make, and how many there are. */
  readonly progress: Int32Array
  readonly table: Float64Array
  readonly answers: Float64Array
  readonly width: number
}

let compiled: WebAssembly.Module | undefined

/** @param mostCalls at a time @param helpers threads beside the caller's */
export function openMemoryPasses(
  memories: readonly WebAssembly.Memory[],
  mostCalls: number,
  helpers: number,
): MemoryPasses {
  const numbers = (count: number) =>
    new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT))
  const shared: Shared = {
    module: (compiled ??= new WebAssembly.Module(readFileSync(resourcePath('adamw.wasm')))),
    memories,
    kernels,
    width: CALL_NUMBERS,
    progress: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
    table: numbers(mostCalls * CALL_NUMBERS),
    answers: numbers(mostCalls),
  }
  const make = makingCalls(shared)
  const threads = Array.from({ length: helpers }, () => startThread(makingCalls, shared))
  return {
    make(calls) {
      if (calls.length > mostCalls)
        throw new Error(`there is room for ${mostCalls} calls, not for ${calls.length}`)
      for (const [index, { kernel, memory, given }] of calls.entries())
        shared.table.set([kernels.indexOf(kernel), memory, ...given], index * CALL_NUMBERS)
      shared.progress.set([0, calls.length])
      for (const thread of threads) thread.begin()
      try {
        make()
      } finally {
        for (const thread of threads) thread.end()
      }
      return shared.answers.subarray(0, calls.length)
    },
    dispose: () => {
      for (const thread of threads) thread.stop()
    },
  }
}

/**
 * The work of each thread, which gets it as text: takes one call after the other until there is none left.
 */
function makingCalls({ module, memories, kernels, progress, table, answers, width }: Shared): () => void {
  const instances = memories.map(
    (memory) =>
      new WebAssembly.Instance(module, { parameters: { memory } }).exports as Record<
        string,
        (...given: number[]) => number | undefined
      >,
  )
  return () => {
    for (let call = Atomics.add(progress, 0, 1); call < progress[1]!; call = Atomics.add(progress, 0, 1)) {
      const [kernel, memory, ...given] = table.subarray(call * width, (call + 1) * width)
      answers[call] = instances[memory!]![kernels[kernel!]!]!(...given) ?? 0
    }
  }
}

/** `resources/` is beside or above this file, from source as from the bundle. */
function resourcePath(name: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'resources', name)
    if (existsSync(path)) return path
  }
  throw new Error(`resources/${name} is missing: run "node scripts/build-wasm.mjs"`)
}
