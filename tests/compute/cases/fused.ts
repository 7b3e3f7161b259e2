import { attention, feedForward, gelu, layerNorm, linear, logProbsOf, stopGradient } from '../../../src-main/compute/fused'
import * as tf from '../../../src-main/compute/tf'
import type { Case } from '../differential'

export const fusedCases: readonly Case[] = [
  {
    kernel: 'LayerNormalization',
    says: 'layerNorm',
    hasGradient: true,
    make: draw => {
      const rows = draw.integer(1, 5), width = draw.integer(4, 9)
      return { inputs: [draw.floats([rows, width]), draw.floats([width]), draw.floats([width])], body: (x, gain, bias) => layerNorm(x as tf.Tensor2D, gain as tf.Tensor1D, bias as tf.Tensor1D) }
    },
  },
  { kernel: 'FastGelu', says: 'gelu', hasGradient: true, make: draw => ({ inputs: [draw.floats(draw.shape(1, 3), -5, 5)], body: x => gelu(x as tf.Tensor) }) },
  {
    kernel: 'Linear',
    says: 'linear',
    hasGradient: true,
    make: draw => {
      const [rows, from, to] = [draw.integer(1, 20), draw.integer(1, 5), draw.integer(1, 5)]
      return { inputs: [draw.floats([rows, from]), draw.floats([from, to]), draw.floats([to])], body: (x, w, bias) => linear(x as tf.Tensor2D, w as tf.Tensor2D, bias as tf.Tensor1D) }
    },
  },
  {
    kernel: 'FastGelu',
    says: 'feedForward, in one piece of rows and in several',
    hasGradient: true,
    make: draw => {
      const [rows, width, inner] = [draw.isTrue() ? draw.integer(1, 9) : draw.integer(1030, 1100), draw.integer(1, 3), draw.integer(1, 3) * 256]
      return {
        inputs: [draw.floats([rows, width]), draw.floats([width, inner], -0.2, 0.2), draw.floats([inner]), draw.floats([inner, width], -0.2, 0.2), draw.floats([width])],
        body: (x, up, upBias, down, downBias) => feedForward(x as tf.Tensor2D, up as tf.Tensor2D, upBias as tf.Tensor1D, down as tf.Tensor2D, downBias as tf.Tensor1D),
      }
    },
  },
  {
    kernel: 'BatchMatMul',
    says: 'attention under a mask',
    hasGradient: true,
    make: draw => {
      const [batch, queries, keys, width] = [draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 4), draw.integer(1, 4)]
      const mask = Float32Array.from({ length: queries * keys }, (_, i) => (i % keys > Math.floor(i / keys) ? -1e9 : 0))
      return {
        inputs: [draw.floats([batch, queries, width]), draw.floats([batch, keys, width]), draw.floats([batch, keys, width])],
        body: (q, k, v) => attention(q as tf.Tensor, k as tf.Tensor, v as tf.Tensor, tf.tensor2d(mask, [queries, keys])),
      }
    },
  },
  {
    kernel: 'PickColumn',
    says: 'logProbsOf, with its gradient by column',
    hasGradient: true,
    make: draw => {
      const rows = draw.integer(1, 6), vocabulary = draw.integer(2, 6)
      return { inputs: [draw.floats([rows, vocabulary], -5, 5), draw.integers([rows], 0, vocabulary - 1)], body: (x, ids) => logProbsOf(x as tf.Tensor2D, ids as tf.Tensor1D) }
    },
  },
  {
    kernel: 'LogSoftmax',
    says: 'logProbsOf of a single row',
    make: draw => ({ inputs: [draw.floats([1, 4]), draw.integers([1], 0, 3)], body: (x, ids) => logProbsOf(x as tf.Tensor2D, ids as tf.Tensor1D) }),
  },
  {
    kernel: 'Multiply',
    says: 'stopGradient: half of the gradient of a square',
    hasGradient: true,
    make: draw => ({ inputs: [draw.floats(draw.shape(0, 3))], body: x => tf.mul(x as tf.Tensor, stopGradient(x as tf.Tensor)) }),
  },
]
