/** Cases of the layers that are single operators with gradients of their own. */
import {
  attention,
  cachedAttention,
  feedForward,
  gelu,
  linear,
  logProbsOf,
  packedCachedAttention,
  squaredRelu,
} from '../recording/fused'
import { layerNorm, rmsNorm } from '../recording/fused-norms'
import * as tf from '../tf'
import type { Case, Draw } from './case'

/** No rows, a few, or enough for several threads. */
const rowsOf = (draw: Draw) => (draw.integer(0, 4) === 0 ? draw.integer(100, 300) : draw.integer(0, 9))

type Triple = [tf.Tensor, tf.Tensor, tf.Tensor]

const matrix = (x: tf.Tensor) => x as tf.Tensor2D
const vector = (x: tf.Tensor) => x as tf.Tensor1D

/** 0 where a query may look. Every query sees at least the first key. */
function maskOf(queries: number, keys: number): tf.Tensor {
  return tf.tensor2d(
    Float32Array.from({ length: queries * keys }, (_, i) => (i % keys > Math.floor(i / keys) ? -1e9 : 0)),
    [queries, keys],
  )
}

export const fusedCases: readonly Case[] = [
  {
    kernel: 'LayerNormalization',
    says: 'layerNorm',
    hasGradient: true,
    make: (draw) => {
      const rows = rowsOf(draw)
      const width = draw.integer(4, 33)
      return {
        inputs: [draw.floats([rows, width]), draw.floats([width]), draw.floats([width])],
        body: (x, gain, bias) => layerNorm(matrix(x), vector(gain), vector(bias)),
      }
    },
  },
  {
    kernel: 'LayerNormalization',
    says: 'layerNorm of rows far from zero, and of rows that are all the same',
    make: (draw) => {
      const rows = draw.integer(1, 9)
      const width = draw.integer(4, 33)
      return {
        inputs: [draw.floats([rows, width], 95, 105), draw.floats([width])],
        body: (x, gain) => [
          layerNorm(matrix(x), vector(gain), vector(gain)),
          layerNorm(tf.onesLike(matrix(x)), vector(gain), vector(gain)),
        ],
      }
    },
  },
  {
    kernel: 'Rsqrt',
    says: 'rmsNorm',
    hasGradient: true,
    make: (draw) => {
      const rows = rowsOf(draw)
      const width = draw.integer(4, 33)
      return {
        inputs: [draw.floats([rows, width]), draw.floats([width])],
        body: (x, gain) => rmsNorm(matrix(x), vector(gain), 1e-6),
      }
    },
  },
  {
    kernel: 'Relu',
    says: 'squaredRelu',
    hasGradient: true,
    make: (draw) => ({ inputs: [draw.floats(draw.shape(0, 3))], body: (x) => squaredRelu(x) }),
  },
  {
    kernel: 'FastGelu',
    says: 'gelu',
    hasGradient: true,
    make: (draw) => ({ inputs: [draw.floats(draw.shape(1, 3), -5, 5)], body: (x) => gelu(x) }),
  },
  {
    kernel: 'FastGelu',
    says: 'gelu far out, of infinity and not-a-number',
    make: () => ({
      inputs: [{ shape: [6], data: Float32Array.of(-30, 30, 0, -0, Infinity, NaN) }],
      body: (x) => gelu(x),
    }),
  },
  {
    kernel: 'Linear',
    says: 'linear',
    hasGradient: true,
    make: (draw) => {
      const [rows, from, to] = [rowsOf(draw), draw.integer(1, 9), draw.integer(0, 9)]
      return {
        inputs: [draw.floats([rows, from]), draw.floats([from, to]), draw.floats([to])],
        body: (x, w, bias) => linear(matrix(x), matrix(w), vector(bias)),
      }
    },
  },
  {
    kernel: 'FastGelu',
    says: 'feedForward, in one piece of rows and in several',
    hasGradient: true,
    make: (draw) => {
      const [rows, width, inner] =
        draw.integer(0, 4) > 0
          ? ([draw.integer(1, 9), draw.integer(1, 3), draw.integer(1, 700)] as const)
          : ([draw.integer(1030, 1100), 1, 256] as const)
      return {
        inputs: [
          draw.floats([rows, width]),
          draw.floats([width, inner], -0.2, 0.2),
          draw.floats([inner]),
          draw.floats([inner, width], -0.2, 0.2),
          draw.floats([width]),
        ],
        body: (x, up, upBias, down, downBias) =>
          feedForward(matrix(x), matrix(up), vector(upBias), matrix(down), vector(downBias)),
      }
    },
  },
  {
    kernel: 'ScaledMatMul',
    says: 'attention under a mask',
    hasGradient: true,
    make: (draw) => {
      const [batch, queries, keys, width] = [
        draw.integer(1, 3),
        draw.integer(1, 9),
        draw.integer(1, 9),
        draw.integer(1, 9),
      ]
      return {
        inputs: [
          draw.floats([batch, queries, width]),
          draw.floats([batch, keys, width]),
          draw.floats([batch, keys, width]),
        ],
        body: (q, k, v) => attention(q, k, v, maskOf(queries, keys)),
      }
    },
  },
  {
    kernel: 'CachedAttention',
    says: 'attention of one position a row to a memory, in groups of heads',
    make: (draw) => {
      const [rows, heads, group, positions, width] = [
        draw.integer(1, 5),
        draw.integer(1, 3),
        draw.integer(1, 3),
        draw.integer(1, 70),
        draw.isTrue() ? 8 * draw.integer(1, 3) : draw.integer(1, 7),
      ]
      const memory = [rows, heads, positions, width]
      const isPacked = draw.isTrue()
      return {
        inputs: [
          draw.floats([rows, heads * group * width]),
          draw.floats([rows, heads * width]),
          draw.floats([rows, heads * width]),
          draw.floats(memory),
          draw.floats(memory),
          draw.integers([rows], 0, positions - 1),
        ],
        body: (...inputs) => {
          const [q, k, v, keys, values, at] = inputs as [...Triple, tf.Tensor4D, tf.Tensor4D, tf.Tensor]
          const memory = { keys, values }
          const read = isPacked
            ? packedCachedAttention(tf.concat([q, k, v], 1) as tf.Tensor2D, memory, vector(at))
            : cachedAttention({ q: matrix(q), k: matrix(k), v: matrix(v) }, memory, vector(at))
          const isRead = tf.cast(
            tf.lessEqual(
              tf.reshape(tf.range(0, positions, 1, 'int32'), [positions, 1]),
              tf.reshape(at, [rows, 1, 1, 1]),
            ),
            'float32',
          )
          return [read.attended, tf.mul(read.keys, isRead), tf.mul(read.values, isRead)]
        },
      }
    },
  },
  {
    kernel: 'PickColumn',
    says: 'logProbsOf, with its gradient by column',
    hasGradient: true,
    make: (draw) => {
      const rows = rowsOf(draw)
      const vocabulary = draw.integer(2, 40)
      return {
        inputs: [draw.floats([rows, vocabulary], -5, 5), draw.integers([rows], 0, vocabulary - 1)],
        body: (x, ids) => logProbsOf(matrix(x), vector(ids)),
      }
    },
  },
  {
    kernel: 'AddToColumn',
    says: 'the gradient of logProbsOf alone',
    make: (draw) => {
      const rows = rowsOf(draw)
      const vocabulary = draw.integer(2, 40)
      return {
        inputs: [draw.floats([rows, vocabulary], -5, 5), draw.integers([rows], 0, vocabulary - 1)],
        body: (x, ids) => tf.grad((logits) => tf.sum(logProbsOf(matrix(logits), vector(ids))))(x),
      }
    },
  },
  {
    kernel: 'LogSoftmax',
    says: 'logProbsOf of a single row, and where some logits are hidden',
    make: (draw) => ({
      inputs: [
        draw.floats([1, 4]),
        draw.integers([1], 0, 3),
        { shape: [2, 3], data: Float32Array.of(1, -1e9, 2, -1e9, 0, -1e9) },
        { shape: [2], data: Int32Array.of(2, 1) },
      ],
      body: (x, ids, hidden, seen) => [
        logProbsOf(matrix(x), vector(ids)),
        logProbsOf(matrix(hidden), vector(seen)),
      ],
    }),
  },
  {
    kernel: 'Multiply',
    says: 'stopGradient: half of the gradient of a square',
    hasGradient: true,
    make: (draw) => ({ inputs: [draw.floats(draw.shape(0, 3))], body: (x) => tf.mul(x, tf.stopGradient(x)) }),
  },
]
