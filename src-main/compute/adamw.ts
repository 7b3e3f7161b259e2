/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) with clipping by global norm, in WebAssembly, in place on the parameters' own memory.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OptimizerSettings, OptimizerState } from './engine'
import { blocksToTrain, type Block, type Parameters } from './parameters'

/** The exports of adamw.wat. Positions are bytes. */
interface Kernels {
  sumOfSquares(start: number, end: number): number
  update(p: number, m: number, v: number, g: number, gEnd: number, beta1: number, beta2: number, scale: number, step: number, correction: number, epsilon: number, keep: number): void
}

export interface AdamW {
  /** Where the gradient of each parameter must be put before an update: views, by name. */
  readonly gradients: Readonly<Record<string, Float32Array>>
  /** Euclidean norm of the gradients of these parameters together. */
  gradientNorm(trained: ReadonlySet<string>): number
  /** Clips and applies the gradients of these parameters; the others stay as they are, without decay. @param norm what `gradientNorm` said */
  update(trained: ReadonlySet<string>, learningRate: number, norm: number): void
  /** How many updates were applied. */
  updates(): number
  state(): OptimizerState
  /** @throws when the state is of another model */
  restore(state: OptimizerState): void
  /** Gives the room back. */
  dispose(): void
}

/** A block with its regions, and what computes in its memory. */
interface Part extends Block {
  readonly kernels: Kernels
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
  readonly gradient: Float32Array
}

/** Numbers of a part. */
interface Segment {
  readonly part: Part
  readonly start: number
  readonly end: number
  readonly isDecayed: boolean
}

const BYTES = Float32Array.BYTES_PER_ELEMENT
/** As in PyTorch's clip_grad_norm_: keeps the quotient finite. */
const CLIP_EPSILON = 1e-6

const borrowed = new WeakSet<Parameters>()
let compiled: WebAssembly.Module | undefined

/** `resources/` is beside or above this file, from source as from the bundle. */
function wasmModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(resourcePath('adamw.wasm')))
  return compiled
}

function resourcePath(name: string): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'resources', name)
    if (existsSync(path)) return path
  }
  throw new Error(`resources/${name} is missing: run "node scripts/build-wasm.mjs"`)
}

/** @throws when these parameters already have an optimizer: its moments lie in their memory */
export function createAdamW(parameters: Parameters, settings: OptimizerSettings): AdamW {
  const giveBack = borrow(parameters)
  const parts = blocksToTrain(parameters).map(partOf)
  const segmentsOf = memoized((trained: ReadonlySet<string>) => parts.flatMap(part => segments(part, trained, settings.isDecayed)))
  let updates = 0

  return {
    gradients: Object.fromEntries(parts.flatMap(({ spans, gradient }) => spans.map(({ name, start, end }) => [name, gradient.subarray(start, end)] as const))),
    gradientNorm: trained => Math.sqrt(parts.flatMap(part => squaresOf(part, trained)).reduce((sum, square) => sum + square, 0)),
    update(trained, learningRate, norm) {
      updates++
      const { beta1, beta2, epsilon, weightDecay, clipNorm } = settings
      const scale = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
      const step = learningRate / (1 - beta1 ** updates), correction = 1 / Math.sqrt(1 - beta2 ** updates)
      for (const { part: { kernels, regionBytes }, start, end, isDecayed } of segmentsOf(trained)) {
        const at = (region: number) => region * regionBytes + start * BYTES
        const keep = isDecayed ? 1 - learningRate * weightDecay : 1
        kernels.update(at(0), at(1), at(2), at(3), 3 * regionBytes + end * BYTES, beta1, beta2, scale, step, correction, epsilon, keep)
      }
    },
    updates: () => updates,
    state: () => ({ updates, firstMoment: joined(parts.map(({ firstMoment }) => firstMoment)), secondMoment: joined(parts.map(({ secondMoment }) => secondMoment)) }),
    restore(state) {
      if (state.firstMoment.length !== parameters.count || state.secondMoment.length !== parameters.count) {
        throw new Error(`the optimizer's state is of ${state.firstMoment.length} numbers, the model has ${parameters.count}`)
      }
      let start = 0
      for (const { firstMoment, secondMoment, count } of parts) {
        firstMoment.set(state.firstMoment.subarray(start, start + count))
        secondMoment.set(state.secondMoment.subarray(start, start + count))
        start += count
      }
      updates = state.updates
    },
    dispose: giveBack,
  }
}

function partOf(block: Block): Part {
  const { memory, regionBytes, count } = block
  const kernels = new WebAssembly.Instance(wasmModule(), { parameters: { memory } }).exports as unknown as Kernels
  const region = (index: number) => new Float32Array(memory.buffer, index * regionBytes, count).fill(0)
  return { ...block, kernels, firstMoment: region(1), secondMoment: region(2), gradient: region(3) }
}

/** The sum of squares of each gradient by itself, so that all together are the same whatever lies in one block. */
function squaresOf({ kernels, spans, regionBytes }: Part, trained: ReadonlySet<string>): readonly number[] {
  const at = 3 * regionBytes
  return spans.flatMap(({ name, start, end }) => (trained.has(name) ? [kernels.sumOfSquares(at + start * BYTES, at + end * BYTES)] : []))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let start = 0
  for (const part of parts) {
    all.set(part, start)
    start += part.length
  }
  return all
}

/** For one train step at a time. @returns gives them back @throws when another trains these parameters */
export function borrow(parameters: Parameters): () => void {
  if (borrowed.has(parameters)) throw new Error('these parameters are already being trained: dispose the other train step first')
  borrowed.add(parameters)
  return () => { borrowed.delete(parameters) }
}

/** Neighbours that are treated alike are one segment: most models have few. */
function segments(part: Part, trained: ReadonlySet<string>, decays: OptimizerSettings['isDecayed']): readonly Segment[] {
  const found: Segment[] = []
  for (const { name, shape, start, end } of part.spans) {
    if (!trained.has(name)) continue
    const isDecayed = decays(name, shape), last = found.at(-1)
    if (last && last.end === start && last.isDecayed === isDecayed) found[found.length - 1] = { ...last, end }
    else found.push({ part, start, end, isDecayed })
  }
  return found
}

function memoized<K extends object, T>(compute: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, T>()
  return key => {
    const value = known.get(key) ?? compute(key)
    known.set(key, value)
    return value
  }
}
