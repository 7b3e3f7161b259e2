/**
 * Runs one body on both engines, at two threads, twice, and compares: the compiled engine is right when it agrees with TensorFlow.js's own
 * cpu backend and with itself.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import { compiledEngine } from '../../src-main/compute/compile'
import { eagerEngine } from '../../src-main/compute/eager'
import type { Batch, Engine, HostTensor, Tensors } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import * as tf from '../../src-main/compute/tf'

/** Draws shapes and numbers for one try. */
export interface Draw {
  integer(least: number, most: number): number
  isTrue(): boolean
  /** Lengths from 1 to 4, so that many are 1. */
  shape(leastRank: number, mostRank: number): number[]
  /** Two shapes that broadcast to each other, of ranks up to 4. */
  broadcastShapes(): [number[], number[]]
  axes(shape: readonly number[]): number[]
  floats(shape: readonly number[], least?: number, most?: number): HostTensor
  integers(shape: readonly number[], least: number, most: number): HostTensor
}

/** One kernel in one use. */
export interface Case {
  /** The kernel that must come out of the recording. */
  readonly kernel: string
  readonly says: string
  /** @returns the inputs, and the body made for them */
  readonly make: (draw: Draw) => { readonly inputs: readonly HostTensor[]; readonly body: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[] }
  /** Also compare the gradients of the float inputs. */
  readonly hasGradient?: boolean
}

/** Uniform numbers from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((size, length) => size * length, 1)

export function drawFrom(next: fc.GeneratorValue): Draw {
  const integer = (least: number, most: number) => next(fc.integer, { min: least, max: most })
  const numbers = (shape: readonly number[]) => {
    const random = uniform(integer(0, 2 ** 31 - 1))
    return Array.from({ length: sizeOf(shape) }, random)
  }
  const shape = (leastRank: number, mostRank: number) => Array.from({ length: integer(leastRank, mostRank) }, () => integer(1, 4))
  return {
    integer,
    isTrue: () => integer(0, 1) === 1,
    shape,
    broadcastShapes() {
      const full = shape(0, 4)
      const part = () => full.map(length => (integer(0, 2) === 0 ? 1 : length)).slice(integer(0, 2) === 0 ? integer(0, full.length) : 0)
      return [part(), part()]
    },
    axes: full => full.flatMap((_, axis) => (integer(0, 1) === 1 ? [axis] : [])),
    floats: (full, least = -3, most = 3) => ({ shape: full, data: Float32Array.from(numbers(full), value => least + (most - least) * value) }),
    integers: (full, least, most) => ({ shape: full, data: Int32Array.from(numbers(full), value => Math.floor(least + (most - least + 1) * value)) }),
  }
}

const none = allocate({})
export const compiled = compiledEngine({ threads: 2 })
export const eager = eagerEngine('cpu')

function batchOf(inputs: readonly HostTensor[]): Batch {
  return Object.fromEntries(inputs.map((input, index) => [`x${index}`, input]))
}

export async function runOn(engine: Engine, body: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[], inputs: readonly HostTensor[], times = 1): Promise<Record<string, HostTensor>[]> {
  const program = engine.program((_, batch: Tensors) => {
    const outputs = [body(...inputs.map((_, index) => batch[`x${index}`] as tf.Tensor))].flat()
    return Object.fromEntries(outputs.map((output, index) => [`y${index}`, output]))
  })
  try {
    const results: Record<string, HostTensor>[] = []
    for (let time = 0; time < times; time++) results.push(await program.run(none, batchOf(inputs)))
    return results
  } finally {
    program.dispose()
  }
}

/** Gradients of Σ body(x)·w, with weights w that tell positions apart, for every float input. */
export function gradientsOf(body: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]): (...inputs: tf.Tensor[]) => tf.Tensor[] {
  return (...inputs) => {
    const floats = inputs.filter(input => input.dtype === 'float32')
    const weighted = (output: tf.Tensor) => tf.sum(tf.mul(output, tf.tensor(Float32Array.from({ length: output.size }, (_, i) => 1 + Math.sin(i)), output.shape)))
    const { grads } = tf.engine().gradients(() => tf.addN([body(...inputs)].flat().map(weighted)), floats, undefined, true)
    return grads
  }
}

export function expectClose(actual: Record<string, HostTensor>, expected: Record<string, HostTensor>, tolerance = 2e-5): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected))
  for (const [name, right] of Object.entries(expected)) {
    const left = actual[name] as HostTensor
    expect(left.shape).toEqual(right.shape)
    expect(left.data.constructor).toBe(right.data.constructor)
    right.data.forEach((value, index) => {
      const other = left.data[index] as number
      const isSame = Object.is(value, other) || value === other || Math.abs(value - other) <= tolerance * (1 + Math.abs(value))
      if (!isSame) expect.fail(`${name}[${index}] is ${other}, TensorFlow.js says ${value}`)
    })
  }
}

export async function expectAgreement(body: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[], inputs: readonly HostTensor[]): Promise<void> {
  const [reference] = await runOn(eager, body, inputs)
  const [first, second] = await runOn(compiled, body, inputs, 2)
  expect(second).toEqual(first)
  expectClose(first as Record<string, HostTensor>, reference as Record<string, HostTensor>)
}
