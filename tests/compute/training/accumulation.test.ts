import { describe, expect, it } from 'vitest'
import { compiledEngine } from '../../../src-main/compute/cpu/compile'
import { eagerEngine } from '../../../src-main/compute/tensorflow/eager'
import type { Batch, Engine, Tensors, Weights } from '../../../src-main/compute/engine'
import { logProbsOf } from '../../../src-main/compute/recording/fused'
import { allocate, overlay, type Parameters } from '../../../src-main/compute/parameters'
import * as tf from '../../../src-main/compute/tf'
import { adamw, batch, initial, logits } from '../../../src-main/compute/selftest/transformer'

const engines: readonly (readonly [string, () => Engine])[] = [
  ['compiled', () => compiledEngine({ threads: 1 })],
  ['compiled on two threads', () => compiledEngine({ threads: 2 })],
  ['eager', () => eagerEngine('cpu')],
]

/** Over all rows of the batch, those of its other parts too. */
function lossOf(weights: Weights, { ids, next, count }: Tensors) {
  const logProbs = logProbsOf(
    logits(weights, ids as tf.Tensor),
    tf.reshape(next as tf.Tensor, [-1]) as tf.Tensor1D,
  )
  return {
    loss: tf.div(tf.neg(tf.sum(logProbs)), count as tf.Tensor) as tf.Scalar,
    'share of sure': tf.div(
      tf.sum(tf.cast(tf.greater(logProbs, -2), 'float32')),
      count as tf.Tensor,
    ) as tf.Scalar,
  }
}

const ROWS = 8
const TIME = 6
const uncut = (seed: number): Batch => ({
  ...batch(seed, ROWS),
  count: { shape: [], data: Float32Array.of(ROWS * TIME) },
})
const rowsOf = ({ shape, data }: Batch[string], from: number, to: number) => ({
  shape: [to - from, ...shape.slice(1)],
  data: data.slice(from * TIME, to * TIME),
})
/** Cut at these rows. */
const cut = (seed: number, ...ends: readonly number[]): Batch[] =>
  ends.map((to, part) => {
    const all = uncut(seed)
    const from = ends[part - 1] ?? 0
    return { ids: rowsOf(all['ids']!, from, to), next: rowsOf(all['next']!, from, to), count: all['count']! }
  })

async function trained(
  engine: Engine,
  parameters: Parameters,
  batchOf: (seed: number) => Batch | readonly Batch[],
) {
  const step = engine.trainStep(parameters, lossOf, adamw)
  const said = []
  for (let seed = 0; seed < 5; seed++) said.push(await step.update(batchOf(seed), 0.01))
  step.dispose()
  engine.dispose()
  return said
}

/** Read off the first moment of one update without clipping: m = (1 − β₁)·g. */
async function gradientOf(
  engine: Engine,
  batch: Batch | readonly Batch[],
  parameters = initial(),
): Promise<Float32Array> {
  const step = engine.trainStep(parameters, lossOf, { ...adamw, beta1: 0, clipNorm: Infinity })
  await step.update(batch, 0)
  const { firstMoment } = step.state()
  engine.dispose()
  return firstMoment
}

const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)

describe.each(engines)('on the %s engine a batch in parts', (_, open) => {
  it.each([[[2, 4, 6, 8]], [[5, 8]], [[1, 2, 3, 4, 5, 6, 7, 8]]])(
    'cut at %j makes the update of the whole',
    async (ends) => {
      const [expected, said] = [
        await trained(open(), initial(), uncut),
        await trained(open(), initial(), (seed) => cut(seed, ...ends)),
      ]
      said.forEach((values, update) => {
        for (const [name, value] of Object.entries(values))
          expect(
            Math.abs(value - (expected[update]![name] as number)),
            `${name} of update ${update}`,
          ).toBeLessThan(1e-6 * Math.max(1, expected[update]![name] as number) + 1e-6)
      })
      const [gradient, ofParts] = [
        await gradientOf(open(), uncut(7)),
        await gradientOf(open(), cut(7, ...ends)),
      ]
      expect(gradient.every(Number.isFinite)).toBe(true)
      expect(largest(ofParts, gradient)).toBeLessThan(1e-6)
    },
  )

  it('of one part is the whole to the bit', async () => {
    const one = initial()
    const parts = initial()
    expect(await trained(open(), parts, (seed) => [uncut(seed)])).toEqual(await trained(open(), one, uncut))
    expect(parts.flat).toEqual(one.flat)
  })

  it('repeats itself bit by bit, and starts from nothing in each update', async () => {
    const [one, other] = [initial(), initial()]
    expect(await trained(open(), one, () => cut(0, 4, 8))).toEqual(
      await trained(open(), other, () => cut(0, 4, 8)),
    )
    expect(one.flat).toEqual(other.flat)
  })

  it('trains what lies over frozen parameters', async () => {
    const over = () => overlay(initial(), allocate({ gain: [16], bias: [16] }))
    const [gradient, ofParts] = [
      await gradientOf(open(), uncut(7), over()),
      await gradientOf(open(), cut(7, 3, 8), over()),
    ]
    expect(gradient.length).toBe(32)
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(1e-3)
    expect(largest(ofParts, gradient)).toBeLessThan(1e-6)
  })

  it('without any part is refused', async () => {
    const engine = open()
    const step = engine.trainStep(initial(), lossOf, adamw)
    await expect(step.update([], 0.01)).rejects.toThrow('a batch has at least one part')
    engine.dispose()
  })
})
