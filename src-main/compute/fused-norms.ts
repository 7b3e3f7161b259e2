/**
 * Normalisations as single operators with gradients of their own, as in `fused.ts`; before a linear layer a layer normalization is part of its matrix.
 */
import { withGradient } from './custom-gradient'
import { feedForward, linear } from './fused'
import * as tf from './tf'
import { isRecording } from './trace'

const EPSILON = 1e-5

/**
 * Layer normalization: (x − mean) / √(variance + ε) · gain + bias, per row. Ba et al. 2016, Eq. 3–4.
 * @param x [rows, width]
 * @param gain [width]
 * @param bias [width]
 * @returns [rows, width]
 */
export function layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D, epsilon = EPSILON): tf.Tensor2D {
  if (isRecording()) return recordedLayerNorm(epsilon)(x, gain, bias) as tf.Tensor2D
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), -1, true), epsilon))
  return tf.add(tf.mul(tf.div(centred, deviation), gain), bias)
}

/**
 * With x̂ = (x − μ)·r, a = dy·x̂, c₁ = mean(dy·gain), c₂ = mean(a·gain) over each row:
 * dx = (dy·gain − c₁ − x̂·c₂)·r, dgain = Σ a, dbias = Σ dy. The row means are products with the gain.
 */
function recordedLayerNorm(epsilon: number) {
  return withGradient(([x, gain, bias], save) => {
    const [y, mean, scale] = tf.engine().runKernel<tf.Tensor[]>('LayerNormalization', { x, gain, bias } as tf.NamedTensorMap, { epsilon }) as [tf.Tensor, tf.Tensor, tf.Tensor]
    save([x, gain, mean, scale] as tf.Tensor[])
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [x, gain, mean, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
        const width = gain.size, column = tf.reshape(gain, [width, 1])
        const normalised = tf.mul(tf.sub(x, mean), scale), a = tf.mul(dy, normalised)
        const c1 = tf.mul(tf.matMul(dy, column), 1 / width), c2 = tf.mul(tf.matMul(a, column), 1 / width)
        const dx = tf.mul(tf.sub(tf.sub(tf.mul(dy, gain), c1), tf.mul(normalised, c2)), scale)
        return [dx, tf.sum(a, 0), tf.sum(dy, 0)]
      },
    }
  })
}

/**
 * Root mean square normalization: x / √(mean(x²) + ε) · gain, per row. Zhang & Sennrich 2019, Eq. 4.
 * @param x [rows, width]
 * @param gain [width]
 * @returns [rows, width]
 */
export function rmsNorm(x: tf.Tensor2D, gain: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), epsilon))), gain)
}

/** A linear layer of x·w + bias. */
export interface Linear {
  /** [width, out] */
  readonly w: tf.Tensor2D
  /** [out] */
  readonly bias: tf.Tensor1D
}

export interface LayerNorm {
  /** [width], as bias */
  readonly gain: tf.Tensor1D
  readonly bias: tf.Tensor1D
}

/**
 * layerNorm(x)·w + bias.
 * @param x [rows, width]
 * @returns [rows, out]
 */
export function normedLinear(x: tf.Tensor2D, norm: LayerNorm, { w, bias }: Linear): tf.Tensor2D {
  if (!isWorthFolding(x)) return linear(layerNorm(x, norm.gain, norm.bias), w, bias)
  const folded = foldedInto(norm, { w, bias })
  return linear(standardised(x), folded.w, folded.bias)
}

/** feedForward(layerNorm(x)). [rows, width] → [rows, width] */
export function normedFeedForward(x: tf.Tensor2D, norm: LayerNorm, up: Linear, down: Linear): tf.Tensor2D {
  if (!isWorthFolding(x)) return feedForward(layerNorm(x, norm.gain, norm.bias), up.w, up.bias, down.w, down.bias)
  const folded = foldedInto(norm, up)
  return feedForward(standardised(x), folded.w, folded.bias, down.w, down.bias)
}

/** Rows for each column of x from which on the passes over it that are saved cost more than those over the matrix that are added. */
const ROWS_A_COLUMN = 4

const isWorthFolding = ({ shape: [rows, width] }: tf.Tensor2D): boolean => isRecording() && rows >= ROWS_A_COLUMN * width

/**
 * The matrix that does to standardised rows what the given one does to normalised ones: (x̂∘gain + b)·w + c = x̂·(gain∘w) + (b·w + c). Its columns are
 * moved to a mean of zero, which changes no product with rows whose mean is zero.
 */
function foldedInto({ gain, bias: shift }: LayerNorm, { w, bias }: Linear): Linear {
  const [width, out] = w.shape, scaled = tf.mul(w, tf.reshape(gain, [width, 1]))
  return { w: tf.sub(scaled, tf.mean(scaled, 0, true)), bias: tf.add(bias, tf.reshape(tf.matMul(tf.reshape(shift, [1, width]), w), [out])) }
}

/**
 * Rows of mean 0 and variance 1, for a matrix whose columns have mean zero. Then dx̂ = dy·wᵀ has rows of mean zero, and of layerNorm's gradient
 * remains dx = (dx̂ − x̂·mean(dx̂·x̂))·r.
 */
const standardised = withGradient(([input], save) => {
  const x = input as tf.Tensor, width = x.shape.at(-1) ?? 1
  const [y, , scale] = tf.engine().runKernel<tf.Tensor[]>('LayerNormalization', { x, gain: tf.ones([width]), bias: tf.zeros([width]) } as tf.NamedTensorMap, { epsilon: EPSILON }) as [tf.Tensor, tf.Tensor, tf.Tensor]
  save([y, scale])
  return {
    value: y,
    gradFunc: (dy, [y, scale]) => {
      const mean = tf.matMul(tf.mul(dy, y as tf.Tensor), tf.fill([width, 1], 1 / width))
      return [tf.mul(tf.sub(dy, tf.mul(y as tf.Tensor, mean)), scale as tf.Tensor)]
    },
  }
}) as (x: tf.Tensor2D) => tf.Tensor2D
