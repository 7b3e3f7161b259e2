import * as tf from '../../../src-main/compute/tf'
import type { Case } from '../differential'

const tensor1d = (x: tf.Tensor | undefined) => x as tf.Tensor1D

export const indexingCases: readonly Case[] = [
  {
    kernel: 'GatherV2',
    says: 'gather along any axis, with repeated indices',
    hasGradient: true,
    make: draw => {
      const shape = draw.shape(1, 3), axis = draw.integer(0, shape.length - 1), indices = draw.shape(1, 2)
      return { inputs: [draw.floats(shape), draw.integers(indices, 0, (shape[axis] as number) - 1)], body: (x, i) => tf.gather(x as tf.Tensor, tensor1d(i), axis) }
    },
  },
  {
    kernel: 'GatherV2',
    says: 'gather of integers and bools',
    make: draw => {
      const shape = draw.shape(1, 3)
      return { inputs: [draw.integers(shape, -9, 9), draw.integers([3], 0, (shape[0] as number) - 1)], body: (x, i) => [tf.gather(x as tf.Tensor, tensor1d(i)), tf.gather(tf.greater(x as tf.Tensor, 0), tensor1d(i))] }
    },
  },
  {
    kernel: 'GatherV2',
    says: 'gather in each batch',
    make: draw => {
      const batch = draw.integer(1, 4), length = draw.integer(1, 4), tail = draw.shape(0, 1)
      return { inputs: [draw.floats([batch, length, ...tail]), draw.integers([batch, draw.integer(1, 3)], 0, length - 1)], body: (x, i) => tf.gather(x as tf.Tensor, i as tf.Tensor1D, 1, 1) }
    },
  },
  {
    kernel: 'GatherNd',
    says: 'gatherND by tuples',
    make: draw => {
      const shape = draw.shape(2, 3), depth = draw.integer(1, 2)
      return { inputs: [draw.floats(shape), draw.integers([4, depth], 0, Math.min(...shape) - 1)], body: (x, i) => tf.gatherND(x as tf.Tensor, i as tf.Tensor) }
    },
  },
  {
    kernel: 'OneHot',
    says: 'oneHot in every type, and an empty row where the index is out of range',
    make: draw => {
      const depth = draw.integer(2, 5)
      return {
        inputs: [draw.integers(draw.shape(1, 2), -2, depth + 1)],
        body: i => [tf.oneHot(tensor1d(i), depth), tf.oneHot(tensor1d(i), depth, 2.5, -1, 'float32'), tf.oneHot(tensor1d(i), depth, 1, 0, 'bool')],
      }
    },
  },
  {
    kernel: 'UnsortedSegmentSum',
    says: 'sums by segment, with repeated and missing segments',
    make: draw => {
      const rows = draw.integer(1, 9), segments = draw.integer(1, 5)
      return {
        inputs: [draw.floats([rows, ...draw.shape(0, 2)]), draw.integers([rows], 0, segments - 1), draw.integers([rows, 2], -5, 5)],
        body: (x, ids, n) => [tf.unsortedSegmentSum(x as tf.Tensor, tensor1d(ids), segments), tf.unsortedSegmentSum(n as tf.Tensor, tensor1d(ids), segments)],
      }
    },
  },
]
