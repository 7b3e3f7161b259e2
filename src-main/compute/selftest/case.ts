/**
 * One kernel in one use: what is run on a device and held against TensorFlow.js's own cpu backend. The tables
 * of cases stand beside this file; the tests draw from them many times, `studio selftest` a few.
 */
import type { HostTensor } from '../engine'
import { sizeOf } from '../parameters'
import type * as tf from '../tf'

export type Body = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]

export interface Case {
  /** The row of the table that must be asked for. */
  readonly kernel: string
  readonly says: string
  /** @returns the inputs, and the body made for them */
  readonly make: (draw: Draw) => { readonly inputs: readonly HostTensor[]; readonly body: Body }
  /** Also compare the gradients of the float inputs. */
  readonly hasGradient?: boolean
}

/** Draws shapes and numbers for one try. */
export interface Draw {
  integer(least: number, most: number): number
  isTrue(): boolean
  /** Lengths from 0 to 5, many of them 1, now and then one so long that threads share the work. */
  shape(leastRank: number, mostRank: number): number[]
  /** The same without axes of length 0. */
  filledShape(leastRank: number, mostRank: number): number[]
  /** Two shapes that broadcast to each other, of ranks up to 4. */
  broadcastShapes(): [number[], number[]]
  axes(shape: readonly number[]): number[]
  floats(shape: readonly number[], least?: number, most?: number): HostTensor
  /** Duplicates are likely when there are more numbers than values. */
  integers(shape: readonly number[], least: number, most: number): HostTensor
}

/** How many numbers a shape with a long axis may hold: TensorFlow.js's cpu backend is slow. */
const MOST_NUMBERS = 20_000
const LONGEST_AXIS = 700

/** @param integer draws a whole number, both bounds among them */
export function drawFrom(integer: (least: number, most: number) => number): Draw {
  const numbers = (shape: readonly number[]) => {
    const random = uniform(integer(0, 2 ** 31 - 1))
    return Array.from({ length: sizeOf(shape) }, random)
  }
  const length = (least: number) => Math.max(least, Math.round(integer(0, 10) / 2))
  function lengthened(shape: number[]): number[] {
    const axis = integer(0, 9)
    const room = Math.floor(
      MOST_NUMBERS / sizeOf(shape.map((length, at) => (at === axis ? 1 : Math.max(1, length)))),
    )
    if (axis < shape.length && room > 1) shape[axis] = integer(1, Math.min(LONGEST_AXIS, room))
    return shape
  }
  const shapeOf = (least: number, leastRank: number, mostRank: number) =>
    lengthened(Array.from({ length: integer(leastRank, mostRank) }, () => length(least)))
  return {
    integer,
    isTrue: () => integer(0, 1) === 1,
    shape: (leastRank, mostRank) => shapeOf(0, leastRank, mostRank),
    filledShape: (leastRank, mostRank) => shapeOf(1, leastRank, mostRank),
    broadcastShapes() {
      const full = shapeOf(0, 0, 4)
      const part = () =>
        full
          .map((length) => (integer(0, 2) === 0 ? 1 : length))
          .slice(integer(0, 2) === 0 ? integer(0, full.length) : 0)
      return [part(), part()]
    },
    axes: (full) => full.flatMap((_, axis) => (integer(0, 1) === 1 ? [axis] : [])),
    floats: (full, least = -3, most = 3) => ({
      shape: full,
      data: Float32Array.from(numbers(full), (value) => least + (most - least) * value),
    }),
    integers: (full, least, most) => ({
      shape: full,
      data: Int32Array.from(numbers(full), (value) => Math.floor(least + (most - least + 1) * value)),
    }),
  }
}

/** Draws from a seed, for a self-test that says the same on every machine. */
export function seededDraw(seed: number): Draw {
  const random = uniform(seed)
  return drawFrom((least, most) => least + Math.floor(random() * (most - least + 1)))
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
