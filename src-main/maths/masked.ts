/** Means over what a mask marks. */
import * as tf from '../compute/tf'

/**
 * Mean over what the mask marks: Σ m·x / Σ m.
 * @param x     any shape
 * @param mask  same shape, 1 for real tokens and 0 for padding; at least one is 1
 */
export const maskedMean = (x: tf.Tensor, mask: tf.Tensor): tf.Scalar =>
  tf.div(tf.sum(tf.mul(x, mask)), tf.sum(mask))
