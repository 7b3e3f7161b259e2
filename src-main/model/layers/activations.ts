/** What bends a feed-forward, where no operator has it. */
import * as tf from '../../compute/tf'

/** GELU(x) = x·Φ(x) = x · (1 + erf(x/√2)) / 2. Source: Hendrycks & Gimpel 2016, "Gaussian Error Linear Units", §2. */
export const exactGelu = (x: tf.Tensor2D): tf.Tensor2D =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1))
