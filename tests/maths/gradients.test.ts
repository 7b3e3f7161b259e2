import { describe, expect, it } from 'vitest'
import type { HostTensor } from '../../src-main/compute/engine'
import { seededDraw, type Body, type Draw } from '../../src-main/compute/selftest/case'
import * as tf from '../../src-main/compute/tf'
import { bradleyTerryLosses, centeringLosses } from '../../src-main/maths/bradley-terry'
import { entropy } from '../../src-main/maths/entropy'
import { klDivergence } from '../../src-main/maths/kl'
import { maskedMean } from '../../src-main/maths/masked'
import { policyLoss, probabilityRatio, valueLoss } from '../../src-main/maths/ppo-loss'
import { wkv4 } from '../../src-main/maths/wkv4'
import { wkv7 } from '../../src-main/maths/wkv7'
import { checkGradients } from '../compute/check-gradients'

const vector = (x: tf.Tensor) => x as tf.Tensor1D
const matrix = (x: tf.Tensor) => x as tf.Tensor2D
const cube = (x: tf.Tensor) => x as tf.Tensor3D

/** Positions across the border of two chunks. */
const LONG = 37

const programs: Readonly<
  Record<string, (draw: Draw) => { readonly inputs: readonly HostTensor[]; readonly body: Body }>
> = {
  'the Bradley–Terry loss': (draw) => ({
    inputs: [draw.floats([5]), draw.floats([5])],
    body: (chosen, rejected) => tf.mean(bradleyTerryLosses(vector(chosen), vector(rejected))),
  }),
  'the Bradley–Terry loss with margins': (draw) => ({
    inputs: [draw.floats([5]), draw.floats([5]), draw.floats([5], 0, 1)],
    body: (chosen, rejected, margins) =>
      tf.mean(bradleyTerryLosses(vector(chosen), vector(rejected), vector(margins))),
  }),
  'the centering loss': (draw) => ({
    inputs: [draw.floats([5]), draw.floats([5])],
    body: (chosen, rejected) => tf.mean(centeringLosses(vector(chosen), vector(rejected))),
  }),
  'the clipped surrogate, inside its range and outside': (draw) => ({
    inputs: [draw.floats([3, 4], -2, 0), draw.floats([3, 4], -2, 0), draw.floats([3, 4])],
    body: (logProbs, old, advantages) =>
      policyLoss(
        probabilityRatio(matrix(logProbs), matrix(old), halfMask()),
        matrix(advantages),
        halfMask(),
        0.2,
      ),
  }),
  'the clipped value loss, inside its range and outside': (draw) => ({
    inputs: [draw.floats([3, 4], -1, 1), draw.floats([3, 4], -1, 1), draw.floats([3, 4], -1, 1)],
    body: (values, old, returns) => valueLoss(matrix(values), matrix(old), matrix(returns), halfMask(), 0.5),
  }),
  'the KL of two softmaxes': (draw) => ({
    inputs: [draw.floats([2, 3, 6]), draw.floats([2, 3, 6])],
    body: (logits, reference) => klDivergence(logits, reference),
  }),
  'the entropy of a softmax': (draw) => ({
    inputs: [draw.floats([2, 3, 6])],
    body: (logits) => entropy(logits),
  }),
  'the mean of what a mask leaves': (draw) => ({
    inputs: [draw.floats([3, 4])],
    body: (x) => maskedMean(x, halfMask()),
  }),
  'the average of RWKV-4 over two chunks': (draw) => ({
    inputs: [
      draw.floats([1, LONG, 2]),
      draw.floats([1, LONG, 2]),
      draw.floats([2], 0.1, 1),
      draw.floats([2], -1, 1),
    ],
    body: (k, v, decay, first) => wkv4(cube(k), cube(v), vector(decay), vector(first)),
  }),
  'the state of RWKV-7 over two chunks': (draw) => ({
    inputs: [
      draw.floats([1, LONG, 2]),
      draw.floats([1, LONG, 2], -0.6, -0.01),
      draw.floats([1, LONG, 2], -1, 1),
      draw.floats([1, LONG, 2], -1, 1),
      draw.floats([1, LONG, 2], -0.5, 0.5),
      draw.floats([1, LONG, 2], -0.5, 0.5),
    ],
    body: (...given) => {
      const [r, logDecay, k, v, a, b] = given.map(cube) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ]
      const { read, state } = wkv7({ r, logDecay, k, v, a, b })
      return [read, state]
    },
  }),
}

/** Every other token counts. */
const halfMask = () =>
  tf.tensor2d(
    Float32Array.from({ length: 12 }, (_, place) => place % 2),
    [3, 4],
  )

describe('the gradient is the slope, in float64, of', () => {
  it.each(Object.entries(programs))('%s', async (_, make) => {
    for (const seed of [1, 2, 3]) {
      const { inputs, body } = make(seededDraw(seed))
      expect(await checkGradients(body, inputs)).toBe(2 * inputs.length)
    }
  })
})
