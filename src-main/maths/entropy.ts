/** How undecided a policy is about its next token. */
import * as tf from '../compute/tf'

/**
 * Entropy of the next token at each position: −Σᵥ π(v)·log π(v). Shannon 1948, §6.
 * @param logits [..., V]; a token masked by −10⁹ adds nothing
 * @returns [...], nats
 */
export function entropy(logits: tf.Tensor): tf.Tensor {
  const logProbs = tf.logSoftmax(logits)
  return tf.neg(tf.sum(tf.mul(tf.exp(logProbs), logProbs), -1))
}
