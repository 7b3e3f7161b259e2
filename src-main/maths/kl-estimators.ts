/**
 * The KL to a reference from the tokens that were drawn alone: three numbers a token whose means say how far
 * the policy is, and what becomes of each as a loss.
 *
 *   k1 = log π − log π_ref,   k2 = ½ k1²,   k3 = π_ref/π − 1 + k1
 *
 * In the reward, k1 gives the gradient of KL(π ‖ π_ref) itself, and k3 only its difference from that of
 * KL(π_ref ‖ π), which is nothing near the reference: it is not offered there. As losses, k1 has no gradient
 * in the mean, k2 that of KL(π ‖ π_ref), and k3 that of KL(π_ref ‖ π): E[(1 − π_ref/π) ∇log π] = −Σ π_ref ∇log π.
 *
 * Source: Schulman 2020, "Approximating KL Divergence"; their gradients: Liu et al. 2025, "Rethinking KL
 * Regularization in RLHF" (arXiv 2510.01555).
 */
import * as tf from '../compute/tf'

/** By the log-ratio log π − log π_ref of a drawn token, nats. */
export const sampledKl = {
  k1: (logRatio: number): number => logRatio,
  k2: (logRatio: number): number => logRatio ** 2 / 2,
  k3: (logRatio: number): number => Math.exp(-logRatio) - 1 + logRatio,
} as const

/**
 * The same as losses of drawn tokens. k2 is weighted by how much likelier the policy draws the token now than
 * when it was drawn, so that its gradient is right in later passes over a rollout, too; k3 is not, as in GRPO.
 *
 * @param logProbs  log π and @param reference log π_ref of the drawn tokens, any shape, nats
 * @param ratio     ρ = π / π_old, same shape; no gradient flows through it here
 * @returns same shape, nats
 */
export const klLosses = {
  k2: (logProbs: tf.Tensor, reference: tf.Tensor, ratio: tf.Tensor): tf.Tensor =>
    tf.mul(tf.stopGradient(ratio), tf.mul(tf.square(tf.sub(logProbs, reference)), 0.5)),
  k3: (logProbs: tf.Tensor, reference: tf.Tensor): tf.Tensor => {
    const back = tf.sub(reference, logProbs)
    return tf.sub(tf.sub(tf.exp(back), 1), back)
  },
} as const
