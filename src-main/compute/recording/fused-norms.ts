/**
 * Normalisations, as single operators with gradients of their own where ONNX Runtime has them: see
 * `fused.ts`.
 */
import { withGradient } from './custom-gradient'
import * as tf from '../tf'
import { isRecording } from './trace'

/**
 * Layer normalization: (x − mean) / √(variance + ε) · gain + bias, per row. Ba et al. 2016, Eq. 3–4.
 * @param x [rows, width]
 * @param gain [width]
 * @param bias [width]
 * @returns [rows, width]
 */
export function layerNorm(x: tf.Tensor2D, gain: tf.Tensor1D, bias: tf.Tensor1D, epsilon = 1e-5): tf.Tensor2D {
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
    const [y, mean, scale] = tf
      .engine()
      .runKernel<tf.Tensor[]>('LayerNormalization', { x, gain, bias } as tf.NamedTensorMap, { epsilon }) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ]
    save([x, gain, mean, scale] as tf.Tensor[])
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [x, gain, mean, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]
        const width = gain.size
        const column = tf.reshape(gain, [width, 1])
        const normalised = tf.mul(tf.sub(x, mean), scale)
        const a = tf.mul(dy, normalised)
        const c1 = tf.mul(tf.matMul(dy, column), 1 / width)
        const c2 = tf.mul(tf.matMul(a, column), 1 / width)
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
