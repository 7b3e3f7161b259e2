/** How far a policy is from its reference, from whole distributions. */
import * as tf from '../compute/tf'

/**
 * KL(π ‖ π_ref) at each position, from the whole softmax: Σᵥ π(v)·(log π(v) − log π_ref(v)).
 *
 * Summed over a completion's positions, the end token's among them, and averaged over completions drawn from
 * π it is the KL of texts (Kullback & Leibler 1951, with the chain rule): 0 exactly when both models agree,
 * and never below.
 *
 * @param logits          of π [..., V]
 * @param referenceLogits of π_ref, same shape; tokens that cannot be drawn are masked alike in both
 * @returns [...], nats
 */
export function klDivergence(logits: tf.Tensor, referenceLogits: tf.Tensor): tf.Tensor {
  const logProbs = tf.logSoftmax(logits)
  return tf.sum(tf.mul(tf.exp(logProbs), tf.sub(logProbs, tf.logSoftmax(referenceLogits))), -1)
}
