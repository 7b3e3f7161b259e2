/** Cases of kernels that make one number of many along some axes. */
import * as tf from '../tf'
import type { Body, Case } from './case'

type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor

/** A sum of no numbers is 0; the greatest of none is nothing, and refused. */
const ofNothing: ReadonlySet<string> = new Set(['Sum'])

const overAxes = (kernel: string, reduce: Reduce, kind: 'floats' | 'integers' | 'bools'): Case => ({
  kernel,
  says: `${kernel} of ${kind} over some axes`,
  hasGradient: kind === 'floats',
  make: (draw) => {
    const shape = ofNothing.has(kernel) ? draw.shape(1, 4) : draw.filledShape(1, 4)
    const axes = draw.axes(shape)
    const keepDims = draw.isTrue()
    const chosen = axes.length > 0 ? axes : [0]
    const body: Body = (x) => reduce(kind === 'bools' ? tf.greater(x, 0) : x, chosen, keepDims)
    return { inputs: [kind === 'floats' ? draw.floats(shape) : draw.integers(shape, -3, 3)], body }
  },
})

const overOneAxis = (kernel: string, reduce: (x: tf.Tensor, axis: number) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} over one axis, the first of equals`,
  make: (draw) => {
    const shape = draw.filledShape(1, 4)
    const axis = draw.integer(0, shape.length - 1)
    return {
      inputs: [draw.floats(shape), draw.integers(shape, -1, 1)],
      body: (x, n) => [reduce(x, axis), reduce(n, axis - shape.length)],
    }
  },
})

const overLastAxis = (kernel: string, says: string, body: (x: tf.Tensor) => tf.Tensor): Case => ({
  kernel,
  says: `${says} over the last axis`,
  hasGradient: true,
  make: (draw) => ({ inputs: [draw.floats(draw.filledShape(1, 4), -5, 5)], body }),
})

export const reductionCases: readonly Case[] = [
  overAxes('Sum', tf.sum, 'floats'),
  overAxes('Sum', tf.sum, 'integers'),
  overAxes('Sum', tf.sum, 'bools'),
  overAxes('Mean', tf.mean, 'floats'),
  overAxes('Mean', tf.mean, 'integers'),
  overAxes('Max', tf.max, 'floats'),
  overAxes('Max', tf.max, 'integers'),
  overAxes('Min', tf.min, 'floats'),
  overAxes('Min', tf.min, 'integers'),
  overAxes('Any', tf.any, 'bools'),
  overAxes('All', tf.all, 'bools'),
  overOneAxis('ArgMax', tf.argMax),
  overOneAxis('ArgMin', tf.argMin),
  overLastAxis('Softmax', 'softmax', (x) => tf.softmax(x)),
  overLastAxis('Sum', 'logSoftmax', (x) => tf.logSoftmax(x)),
  overLastAxis('Max', 'logSumExp', (x) => tf.logSumExp(x, -1)),
  {
    kernel: 'Softmax',
    says: 'softmax of rows that are empty, and of no rows',
    make: (draw) => ({
      inputs: [draw.floats([draw.integer(0, 3), 0]), draw.floats([0, 3])],
      body: (x, y) => [tf.softmax(x), tf.softmax(y)],
    }),
  },
  {
    kernel: 'Sum',
    says: 'Sum over many leading rows, which is lowered as a product',
    hasGradient: true,
    make: (draw) => {
      const shape = [draw.integer(16, 40), draw.integer(1, 3), draw.integer(2, 9)]
      return {
        inputs: [draw.floats(shape)],
        body: (x) => [tf.sum(x, 0), tf.sum(x, [0, 1]), tf.sum(x, [0, 1], true), tf.sum(x)],
      }
    },
  },
  {
    kernel: 'Sum',
    says: 'Sum of so many numbers that adding one after the other would lose digits',
    make: (draw) => ({
      inputs: [
        draw.floats([draw.integer(90_000, 100_000)], 0.09, 0.11),
        draw.floats([300, draw.integer(250, 300)], 0.09, 0.11),
      ],
      body: (x, y) => [tf.sum(x), tf.sum(tf.fill([300_000], 0.1)), tf.mean(y), tf.sum(y, 1), tf.sum(y, 0)],
    }),
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum along any axis, either way, with or without itself',
    make: (draw) => {
      const shape = draw.shape(1, 3)
      const axis = draw.integer(0, shape.length - 1)
      const exclusive = draw.isTrue()
      const reverse = draw.isTrue()
      return { inputs: [draw.floats(shape)], body: (x) => tf.cumsum(x, axis, exclusive, reverse) }
    },
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum along the last axis (along others TensorFlow.js has its gradient wrong)',
    hasGradient: true,
    make: (draw) => {
      const shape = draw.shape(1, 3)
      const exclusive = draw.isTrue()
      const reverse = draw.isTrue()
      return { inputs: [draw.floats(shape)], body: (x) => tf.cumsum(x, shape.length - 1, exclusive, reverse) }
    },
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum of integers',
    make: (draw) => {
      const shape = draw.shape(1, 3)
      const axis = draw.integer(0, shape.length - 1)
      return { inputs: [draw.integers(shape, -5, 5)], body: (x) => tf.cumsum(x, axis) }
    },
  },
]
