/** Cases of kernels that look up and scatter by index, repeated indices among them. */
import * as tf from '../tf'
import type { Case, Draw } from './case'

const tensor1d = (x: tf.Tensor) => x as tf.Tensor1D

/** A few indices, none, or so many that most come again and again and threads share the work. */
const countOf = (draw: Draw) => (draw.integer(0, 4) === 0 ? draw.integer(300, 900) : draw.integer(0, 9))

export const indexingCases: readonly Case[] = [
  {
    kernel: 'GatherV2',
    says: 'gather along any axis, with repeated indices',
    hasGradient: true,
    make: (draw) => {
      const shape = draw.filledShape(1, 3)
      const axis = draw.integer(0, shape.length - 1)
      const indices = Array.from({ length: draw.integer(1, 2) }, () => draw.integer(0, 5))
      return {
        inputs: [draw.floats(shape), draw.integers(indices, 0, (shape[axis] as number) - 1)],
        body: (x, i) => tf.gather(x, tensor1d(i), axis),
      }
    },
  },
  {
    kernel: 'GatherV2',
    says: 'gather of rows, whose gradient adds up many rows with the same index',
    hasGradient: true,
    make: (draw) => {
      const rows = draw.integer(1, 6)
      return {
        inputs: [draw.floats([rows, draw.integer(1, 5)]), draw.integers([countOf(draw)], 0, rows - 1)],
        body: (x, i) => tf.gather(x, tensor1d(i)),
      }
    },
  },
  {
    kernel: 'GatherV2',
    says: 'gather of integers and bools',
    make: (draw) => {
      const shape = draw.filledShape(1, 3)
      return {
        inputs: [
          draw.integers(shape, -9, 9),
          draw.integers([countOf(draw) % 20], 0, (shape[0] as number) - 1),
        ],
        body: (x, i) => [tf.gather(x, tensor1d(i)), tf.gather(tf.greater(x, 0), tensor1d(i))],
      }
    },
  },
  {
    kernel: 'GatherV2',
    says: 'gather in each batch',
    make: (draw) => {
      const batch = draw.integer(1, 4)
      const length = draw.integer(1, 4)
      const tail = draw.shape(0, 1)
      return {
        inputs: [
          draw.floats([batch, length, ...tail]),
          draw.integers([batch, draw.integer(0, 3)], 0, length - 1),
        ],
        body: (x, i) => tf.gather(x, i as tf.Tensor1D, 1, 1),
      }
    },
  },
  {
    kernel: 'GatherNd',
    says: 'gatherND by tuples',
    make: (draw) => {
      const shape = [draw.integer(1, 4), draw.integer(1, 4), ...draw.filledShape(0, 1)]
      const depth = draw.integer(1, 2)
      return {
        inputs: [
          draw.floats(shape),
          draw.integers([draw.integer(0, 6), depth], 0, Math.min(shape[0] as number, shape[1] as number) - 1),
        ],
        body: (x, i) => tf.gatherND(x, i),
      }
    },
  },
  {
    kernel: 'OneHot',
    says: 'oneHot in every type, and an empty row where the index is out of range',
    make: (draw) => {
      const depth = draw.integer(2, 5)
      return {
        inputs: [
          draw.integers(
            draw.isTrue() ? [countOf(draw)] : [draw.integer(0, 3), draw.integer(1, 4)],
            -2,
            depth + 1,
          ),
        ],
        body: (i) => [
          tf.oneHot(tensor1d(i), depth),
          tf.oneHot(tensor1d(i), depth, 2.5, -1, 'float32'),
          tf.oneHot(tensor1d(i), depth, 1, 0, 'bool'),
        ],
      }
    },
  },
  {
    kernel: 'UnsortedSegmentSum',
    says: 'sums by segment, with repeated and missing segments',
    make: (draw) => {
      const rows = countOf(draw)
      const segments = draw.integer(1, 5)
      return {
        inputs: [
          draw.floats([rows, ...Array.from({ length: draw.integer(0, 2) }, () => draw.integer(0, 4))]),
          draw.integers([rows], 0, segments - 1),
          draw.integers([rows, 2], -5, 5),
        ],
        body: (x, ids, n) => [
          tf.unsortedSegmentSum(x, tensor1d(ids), segments),
          tf.unsortedSegmentSum(n, tensor1d(ids), segments),
        ],
      }
    },
  },
  {
    kernel: 'UnsortedSegmentSum',
    says: 'sums by segment of so many rows that no one-hot matrix is made',
    make: (draw) => {
      const rows = draw.integer(41_000, 42_000)
      const segments = 100
      return {
        inputs: [draw.floats([rows]), draw.integers([rows], 0, segments - 2)],
        body: (x, ids) => tf.unsortedSegmentSum(x, tensor1d(ids), segments),
      }
    },
  },
]
