import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../src-main/compute/tensorflow/eager'
import type { Batch, Tensors } from '../../src-main/compute/engine'
import { allocate } from '../../src-main/compute/parameters'
import type * as tf from '../../src-main/compute/tf'
import { normal, seeded } from '../../src-main/maths/random'
import { noWeight, wkv4, wkv4StateAfter, wkv4Step } from '../../src-main/maths/wkv4'
import { wkv7, wkv7Step, type Wkv7Inputs } from '../../src-main/maths/wkv7'

const engines = [
  ['eager', eagerEngine],
  ['compiled', () => compiledEngine({ threads: 1 })],
] as const

async function runOn(
  open: () => ReturnType<typeof eagerEngine>,
  batch: Batch,
  body: (batch: Tensors) => Tensors,
): Promise<Record<string, number[]>> {
  const engine = open()
  const program = engine.program((_, batch) => body(batch))
  const read = await program.run(allocate({}), batch)
  engine.dispose()
  return Object.fromEntries(Object.entries(read).map(([name, { data }]) => [name, [...data]]))
}

const floats = (shape: readonly number[], of: (i: number) => number): Batch[string] => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
})

/** Largest difference, as a share of the largest number. */
const difference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b.map(Math.abs))

describe.each(engines)('the weighted average of RWKV-4, %s', (_, open) => {
  const average = (batch: Batch): Promise<Record<string, number[]>> =>
    runOn(open, batch, ({ k, v, decay, first }) => ({
      read: wkv4(k as tf.Tensor3D, v as tf.Tensor3D, decay as tf.Tensor1D, first as tf.Tensor1D),
    }))

  it('is what its formula says of three positions', async () => {
    // decay ln 2, u = ln 3; weights of k: 1, 2, 1. wkv₁ = v₁; wkv₂ = (1·1 + 3·2·4)/(1 + 6); wkv₃ = (½·1 + 2·4
    // + 3·10)/(½ + 2 + 3)
    const { read } = await average({
      k: floats([1, 3, 1], (i) => Math.log([1, 2, 1][i]!)),
      v: floats([1, 3, 1], (i) => [1, 4, 10][i]!),
      decay: floats([1], () => Math.log(2)),
      first: floats([1], () => Math.log(3)),
    })
    ;[1, 25 / 7, 38.5 / 5.5].forEach((expected, i) => expect(read![i]).toBeCloseTo(expected, 5))
  })

  it.each([
    [1, 7, 3],
    [2, 64, 4],
    [3, 150, 5],
  ])('of %i texts of %i tokens is that of a plain loop', async (rows, length, width) => {
    const random = seeded(rows, length)
    const draw = (): number => 3 * normal(random)
    const batch = {
      k: floats([rows, length, width], draw),
      v: floats([rows, length, width], draw),
      decay: floats([width], (i) => 0.01 * 8 ** i),
      first: floats([width], draw),
    }
    const { read } = await average(batch)
    expect(difference(read!, plainAverage(batch, rows, length, width))).toBeLessThan(2e-6)
  })

  it('stays itself when keys are far too large for e to their power', async () => {
    const keys = [300, 250, 299, 310, 240, 301]
    const batch = {
      k: floats([1, 6, 1], (i) => keys[i]!),
      v: floats([1, 6, 1], (i) => i + 1),
      decay: floats([1], () => 1e-6),
      first: floats([1], () => 0),
    }
    const { read } = await average(batch)
    ;[1, 1, (1 + 3 / Math.E) / (1 + 1 / Math.E), 4, 4, 4].forEach((expected, i) =>
      expect(read![i]).toBeCloseTo(expected, 3),
    )
  })

  it('is a mean of values still when keys stand hundreds apart', async () => {
    const keys = [300, -300, 0, 299, 500, 20]
    const batch = {
      k: floats([1, 6, 1], (i) => keys[i]!),
      v: floats([1, 6, 1], (i) => i + 1),
      decay: floats([1], () => 1e-6),
      first: floats([1], () => 0),
    }
    const { read } = await average(batch)
    read!.forEach((mean, i) => {
      expect(mean).toBeGreaterThanOrEqual(1)
      expect(mean).toBeLessThanOrEqual(i + 1)
    })
    expect(read!.slice(4)).toEqual([5, 5])
  })

  it('goes on one position after another from the state after any beginning', async () => {
    const rows = 3
    const length = 90
    const width = 4
    const random = seeded(5)
    const draw = (): number => 2 * normal(random)
    const lengths = [1, 64, 90]
    const batch = {
      k: floats([rows, length, width], draw),
      v: floats([rows, length, width], draw),
      decay: floats([width], (i) => 0.02 * 6 ** i),
      first: floats([width], draw),
      lengths: { shape: [rows], data: Int32Array.from(lengths) },
    }
    const { mean, logWeight } = await runOn(open, batch, ({ k, v, decay, lengths }) => ({
      ...wkv4StateAfter(k as tf.Tensor3D, v as tf.Tensor3D, decay as tf.Tensor1D, lengths as tf.Tensor),
    }))
    for (const [row, until] of lengths.entries()) {
      let state = {
        mean: new Array<number>(width).fill(0),
        logWeight: new Array<number>(width).fill(noWeight),
      }
      for (let t = 0; t < until; t++) {
        const at = (x: Batch[string]): Batch[string] =>
          floats([1, width], (i) => x.data[(row * length + t) * width + i]!)
        const next = await runOn(
          eagerEngine,
          {
            k: at(batch.k),
            v: at(batch.v),
            mean: floats([1, width], (i) => state.mean[i]!),
            logWeight: floats([1, width], (i) => state.logWeight[i]!),
            decay: batch.decay,
            first: batch.first,
          },
          ({ k, v, mean, logWeight, decay, first }) => ({
            ...wkv4Step(
              k as tf.Tensor2D,
              v as tf.Tensor2D,
              { mean: mean!, logWeight: logWeight! },
              decay!,
              first!,
            ).next,
          }),
        )
        state = { mean: next['mean']!, logWeight: next['logWeight']! }
      }
      expect(difference(mean!.slice(row * width, (row + 1) * width), state.mean)).toBeLessThan(2e-5)
      expect(difference(logWeight!.slice(row * width, (row + 1) * width), state.logWeight)).toBeLessThan(2e-5)
    }
  })
})

function plainAverage(
  { k, v, decay, first }: Readonly<Record<'k' | 'v' | 'decay' | 'first', Batch[string]>>,
  rows: number,
  length: number,
  width: number,
): number[] {
  const read: number[] = []
  for (let row = 0; row < rows; row++)
    for (let t = 0; t < length; t++)
      for (let c = 0; c < width; c++) {
        let sum = 0
        let total = 0
        for (let i = 0; i <= t; i++) {
          const at = (row * length + i) * width + c
          const share = Math.exp(
            i === t ? first!.data[c]! + k!.data[at]! : k!.data[at]! - (t - 1 - i) * decay!.data[c]!,
          )
          sum += share * v!.data[at]!
          total += share
        }
        read.push(sum / total)
      }
  return read
}

describe.each(engines)('the state of RWKV-7, %s', (_, open) => {
  const names = ['r', 'logDecay', 'k', 'v', 'a', 'b'] as const
  const readAll = (batch: Batch): Promise<Record<string, number[]>> =>
    runOn(open, batch, (inputs) => wkv7(inputs as unknown as Wkv7Inputs) as unknown as Tensors)

  it('fades, forgets what stands under a key, and learns anew', async () => {
    // one head of width 1: S₁ = 2·1 = 2; S₂ = S₁·(½ − ¼) + 3·1 = 3.5, as w = ½, a·b = −¼
    const of = (...values: number[]): Batch[string] => floats([1, 2, 1], (i) => values[i]!)
    const { read, state } = await readAll({
      r: of(1, 10),
      logDecay: of(0, Math.log(0.5)),
      k: of(1, 1),
      v: of(2, 3),
      a: of(0, -1),
      b: of(0, 0.25),
    })
    expect(read![0]).toBeCloseTo(2, 6)
    expect(read![1]).toBeCloseTo(35, 5)
    expect(state![0]).toBeCloseTo(3.5, 6)
  })

  it.each([
    [2, 5, 4],
    [1, 32, 8],
    [3, 75, 8],
  ])('of %i heads over %i tokens, %i wide, is that of a plain loop', async (heads, length, width) => {
    const batch = drawInputs(seeded(heads, length), heads, length, width)
    const { read, state } = await readAll(batch)
    const plain = plainState(batch, heads, length, width)
    expect(difference(read!, plain.read)).toBeLessThan(2e-5)
    expect(difference(state!, plain.state)).toBeLessThan(2e-5)
  })

  it('stays exact when every position asks for the same key and nothing fades', async () => {
    const length = 64
    const width = 4
    const unit = (i: number): number => (i % width === 0 ? 1 : 0)
    const random = seeded(9)
    const batch = {
      ...drawInputs(random, 1, length, width),
      logDecay: floats([1, length, width], () => 0),
      a: floats([1, length, width], (i) => -unit(i)),
      b: floats([1, length, width], unit),
      k: floats([1, length, width], unit),
    }
    const { read } = await readAll(batch)
    expect(difference(read!, plainState(batch, 1, length, width).read)).toBeLessThan(1e-5)
  })

  it('is the same one position after another', async () => {
    const heads = 2
    const length = 20
    const width = 4
    const batch = drawInputs(seeded(3), heads, length, width)
    const whole = await readAll(batch)
    let state: readonly number[] = new Array<number>(heads * width * width).fill(0)
    for (let t = 0; t < length; t++) {
      const at = Object.fromEntries(
        names.map((name) => [
          name,
          floats(
            [heads, width],
            (i) => batch[name].data[(Math.floor(i / width) * length + t) * width + (i % width)]!,
          ),
        ]),
      )
      const now = state
      const { read, next } = await runOn(
        open,
        { ...at, state: floats([heads, width, width], (i) => now[i]!) },
        ({ state, ...inputs }) => ({ ...wkv7Step(state!, inputs as Record<keyof Wkv7Inputs, tf.Tensor>) }),
      )
      state = next!
      for (let head = 0; head < heads; head++)
        for (let i = 0; i < width; i++)
          expect(read![head * width + i]).toBeCloseTo(whole['read']![(head * length + t) * width + i]!, 4)
    }
    expect(difference(state, whole['state']!)).toBeLessThan(1e-5)
  })
})

/** As the network makes them: decays within their bounds, a of length 1, b a share of −a. */
function drawInputs(
  random: () => number,
  heads: number,
  length: number,
  width: number,
): Record<keyof Wkv7Inputs, Batch[string]> {
  const shape = [heads, length, width]
  const draw = (): Batch[string] => floats(shape, () => normal(random))
  const removed = draw()
  for (let at = 0; at < removed.data.length; at += width) {
    const size = Math.hypot(...removed.data.subarray(at, at + width))
    for (let i = 0; i < width; i++) removed.data[at + i]! /= size
  }
  return {
    r: draw(),
    logDecay: floats(shape, () => -Math.exp(-0.5) * random()),
    k: draw(),
    v: draw(),
    a: floats(shape, (i) => -removed.data[i]!),
    b: floats(shape, (i) => random() * removed.data[i]!),
  }
}

function plainState(
  batch: Record<keyof Wkv7Inputs, Batch[string]>,
  heads: number,
  length: number,
  width: number,
): { readonly read: number[]; readonly state: number[] } {
  const read: number[] = []
  const last: number[] = []
  for (let head = 0; head < heads; head++) {
    const state = new Float64Array(width * width)
    for (let t = 0; t < length; t++) {
      const at = (name: keyof Wkv7Inputs, i: number): number =>
        batch[name].data[(head * length + t) * width + i]!
      for (let row = 0; row < width; row++) {
        let taken = 0
        for (let i = 0; i < width; i++) taken += state[row * width + i]! * at('a', i)
        for (let i = 0; i < width; i++)
          state[row * width + i] =
            state[row * width + i]! * Math.exp(at('logDecay', i)) +
            taken * at('b', i) +
            at('v', row) * at('k', i)
      }
      for (let row = 0; row < width; row++)
        read.push(
          state
            .subarray(row * width, (row + 1) * width)
            .reduce((sum, value, i) => sum + value * at('r', i), 0),
        )
    }
    last.push(...state)
  }
  return { read, state: last }
}
