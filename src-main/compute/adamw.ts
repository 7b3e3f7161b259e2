/**
 * AdamW (Loshchilov & Hutter 2019, Algorithm 2) with clipping by global norm, in WebAssembly, in place on the parameters' own memory.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { OptimizerSettings, OptimizerState } from './engine'
import { roomOf, spansOf, type Parameters } from './parameters'

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

interface Segment {
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
  const { memory, blockBytes } = roomOf(parameters)
  const kernels = new WebAssembly.Instance(wasmModule(), { parameters: { memory } }).exports as unknown as Kernels
  const block = (index: number) => new Float32Array(memory.buffer, index * blockBytes, parameters.count)
  const [firstMoment, secondMoment, gradient] = [block(1), block(2), block(3)]
  for (const values of [firstMoment, secondMoment, gradient]) values.fill(0)
  const segmentsOf = memoized((trained: ReadonlySet<string>) => segments(parameters, trained, settings.isDecayed))
  let updates = 0

  return {
    gradients: Object.fromEntries(spansOf(parameters.spec).map(({ name, start, end }) => [name, gradient.subarray(start, end)])),
    gradientNorm(trained) {
      const at = 3 * blockBytes
      return Math.sqrt(segmentsOf(trained).reduce((sum, { start, end }) => sum + kernels.sumOfSquares(at + start * BYTES, at + end * BYTES), 0))
    },
    update(trained, learningRate, norm) {
      updates++
      const { beta1, beta2, epsilon, weightDecay, clipNorm } = settings
      const scale = Math.min(1, clipNorm / (norm + CLIP_EPSILON))
      const step = learningRate / (1 - beta1 ** updates), correction = 1 / Math.sqrt(1 - beta2 ** updates)
      for (const { start, end, isDecayed } of segmentsOf(trained)) {
        const at = (index: number) => index * blockBytes + start * BYTES
        const keep = isDecayed ? 1 - learningRate * weightDecay : 1
        kernels.update(at(0), at(1), at(2), at(3), 3 * blockBytes + end * BYTES, beta1, beta2, scale, step, correction, epsilon, keep)
      }
    },
    updates: () => updates,
    state: () => ({ updates, firstMoment: firstMoment.slice(), secondMoment: secondMoment.slice() }),
    restore(state) {
      if (state.firstMoment.length !== parameters.count || state.secondMoment.length !== parameters.count) {
        throw new Error(`the optimizer's state is of ${state.firstMoment.length} numbers, the model has ${parameters.count}`)
      }
      firstMoment.set(state.firstMoment)
      secondMoment.set(state.secondMoment)
      updates = state.updates
    },
    dispose: giveBack,
  }
}

/** For one train step at a time. @returns gives them back @throws when another trains these parameters */
export function borrow(parameters: Parameters): () => void {
  if (borrowed.has(parameters)) throw new Error('these parameters are already being trained: dispose the other train step first')
  borrowed.add(parameters)
  return () => { borrowed.delete(parameters) }
}

/** Neighbours that are treated alike are one segment: most models have few. */
function segments(parameters: Parameters, trained: ReadonlySet<string>, decays: OptimizerSettings['isDecayed']): readonly Segment[] {
  const found: Segment[] = []
  for (const { name, shape, start, end } of spansOf(parameters.spec)) {
    if (!trained.has(name)) continue
    const isDecayed = decays(name, shape), last = found.at(-1)
    if (last && last.end === start && last.isDecayed === isDecayed) found[found.length - 1] = { ...last, end }
    else found.push({ start, end, isDecayed })
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
