import * as tf from '../../../src-main/compute/tf'
import type { Case } from '../differential'

type Body = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]
type Reduce = (x: tf.Tensor, axes: number[], keepDims: boolean) => tf.Tensor

const overAxes = (kernel: string, reduce: Reduce, kind: 'floats' | 'integers' | 'bools'): Case => ({
  kernel,
  says: `${kernel} of ${kind} over some axes`,
  hasGradient: kind === 'floats',
  make: draw => {
    const shape = draw.shape(1, 4), axes = draw.axes(shape), keepDims = draw.isTrue()
    const chosen = axes.length > 0 ? axes : [0]
    const body: Body = x => reduce(kind === 'bools' ? tf.greater(x as tf.Tensor, 0) : (x as tf.Tensor), chosen, keepDims)
    return { inputs: [kind === 'floats' ? draw.floats(shape) : draw.integers(shape, -3, 3)], body }
  },
})

const overOneAxis = (kernel: string, reduce: (x: tf.Tensor, axis: number) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} over one axis, the first of equals`,
  make: draw => {
    const shape = draw.shape(1, 4), axis = draw.integer(0, shape.length - 1)
    return { inputs: [draw.floats(shape), draw.integers(shape, -1, 1)], body: (x, n) => [reduce(x as tf.Tensor, axis), reduce(n as tf.Tensor, axis - shape.length)] }
  },
})

const overLastAxis = (kernel: string, body: (x: tf.Tensor) => tf.Tensor): Case => ({
  kernel,
  says: `${kernel} over the last axis`,
  hasGradient: true,
  make: draw => ({ inputs: [draw.floats(draw.shape(1, 4), -5, 5)], body: body as Body }),
})

export const reductionCases: readonly Case[] = [
  overAxes('Sum', tf.sum, 'floats'), overAxes('Sum', tf.sum, 'integers'), overAxes('Sum', tf.sum, 'bools'),
  overAxes('Sum', tf.mean, 'floats'),
  overAxes('Max', tf.max, 'floats'), overAxes('Max', tf.max, 'integers'), overAxes('Min', tf.min, 'floats'), overAxes('Min', tf.min, 'integers'),
  overAxes('Any', tf.any, 'bools'), overAxes('All', tf.all, 'bools'),
  overOneAxis('ArgMax', tf.argMax), overOneAxis('ArgMin', tf.argMin),
  overLastAxis('Softmax', x => tf.softmax(x)), overLastAxis('Sum', x => tf.logSoftmax(x)), overLastAxis('Sum', x => tf.logSumExp(x, -1)),
  {
    kernel: 'Sum',
    says: 'Sum over many leading rows, which is lowered as a product',
    hasGradient: true,
    make: draw => {
      const shape = [draw.integer(16, 40), draw.integer(1, 3), draw.integer(2, 9)]
      return { inputs: [draw.floats(shape)], body: x => [tf.sum(x as tf.Tensor, 0), tf.sum(x as tf.Tensor, [0, 1]), tf.sum(x as tf.Tensor, [0, 1], true), tf.sum(x as tf.Tensor)] }
    },
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum along any axis, either way, with or without itself',
    make: draw => {
      const shape = draw.shape(1, 3), axis = draw.integer(0, shape.length - 1), exclusive = draw.isTrue(), reverse = draw.isTrue()
      return { inputs: [draw.floats(shape)], body: x => [tf.cumsum(x as tf.Tensor, axis, exclusive, reverse)] }
    },
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum along the last axis (along others TensorFlow.js has its gradient wrong)',
    hasGradient: true,
    make: draw => {
      const shape = draw.shape(1, 3), exclusive = draw.isTrue(), reverse = draw.isTrue()
      return { inputs: [draw.floats(shape)], body: x => tf.cumsum(x as tf.Tensor, shape.length - 1, exclusive, reverse) }
    },
  },
  {
    kernel: 'Cumsum',
    says: 'Cumsum of integers',
    make: draw => {
      const shape = draw.shape(1, 3), axis = draw.integer(0, shape.length - 1)
      return { inputs: [draw.integers(shape, -5, 5)], body: x => tf.cumsum(x as tf.Tensor, axis) }
    },
  },
]
