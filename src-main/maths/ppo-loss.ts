/**
 * The losses of proximal policy optimization, over the real tokens of a batch.
 *
 * Source: Schulman et al. 2017, "Proximal Policy Optimization Algorithms"; the clipped value loss as in its
 * authors' code (openai/baselines, ppo2/model.py) and TRL. Shapes are [B, T]; the mask is 1 for drawn tokens,
 * the end token among them, else 0.
 */
import * as tf from '../compute/tf'
import { maskedMean } from './masked'

/**
 * ρₜ = π(aₜ|sₜ) / π_old(aₜ|sₜ), and exactly 1 where the mask is 0.
 * @param logProbs, oldLogProbs  nats
 */
export const probabilityRatio = (
  logProbs: tf.Tensor2D,
  oldLogProbs: tf.Tensor2D,
  mask: tf.Tensor2D,
): tf.Tensor2D => tf.exp(tf.mul(tf.sub(logProbs, oldLogProbs), mask)) as tf.Tensor2D

/**
 * Clipped surrogate, negated: mean of max(−Â·ρ, −Â·clip(ρ, 1 − ε, 1 + ε)). Schulman et al. 2017, Eq. 7.
 * @param ratio       ρ
 * @param advantages  Â, whitened or in units of reward
 * @param clipRange   ε
 * @param limit       c: of tokens that did badly ρ counts at most this (Ye et al. 2020, Eq. 5); 0: whatever it is
 */
export function policyLoss(
  ratio: tf.Tensor2D,
  advantages: tf.Tensor2D,
  mask: tf.Tensor2D,
  clipRange: number,
  limit = 0,
): tf.Scalar {
  const held = limit > 0 ? tf.minimum(ratio, limit) : ratio
  const free = tf.neg(tf.mul(advantages, held))
  const clipped = tf.neg(tf.mul(advantages, tf.clipByValue(ratio, 1 - clipRange, 1 + clipRange)))
  return maskedMean(tf.maximum(free, clipped), mask)
}

/**
 * Clipped value loss: ½ · mean of max((V − R)², (clip(V, V_old ± ε) − R)²).
 * @param values, oldValues, returns  units of reward
 * @param clipRange  ε, units of reward; 0: ½ · mean of (V − R)², whatever V was
 */
export function valueLoss(
  values: tf.Tensor2D,
  oldValues: tf.Tensor2D,
  returns: tf.Tensor2D,
  mask: tf.Tensor2D,
  clipRange: number,
): tf.Scalar {
  if (clipRange === 0) return tf.mul(maskedMean(tf.square(tf.sub(values, returns)), mask), 0.5)
  const moved = tf.clipByValue(tf.sub(values, oldValues), -clipRange, clipRange)
  const free = tf.square(tf.sub(values, returns))
  const clipped = tf.square(tf.sub(tf.add(oldValues, moved), returns))
  return tf.mul(maskedMean(tf.maximum(free, clipped), mask), 0.5)
}

/** Share of tokens whose ratio left 1 ± ε. */
export const clipFraction = (ratio: tf.Tensor2D, mask: tf.Tensor2D, clipRange: number): tf.Scalar =>
  maskedMean(tf.cast(tf.greater(tf.abs(tf.sub(ratio, 1)), clipRange), 'float32'), mask)

/** ½ E[(log π − log π_old)²], nats a token. Schulman 2020, "Approximating KL Divergence", k2. */
export const approximateKl = (
  logProbs: tf.Tensor2D,
  oldLogProbs: tf.Tensor2D,
  mask: tf.Tensor2D,
): tf.Scalar => tf.mul(maskedMean(tf.square(tf.mul(tf.sub(logProbs, oldLogProbs), mask)), mask), 0.5)

/** 1 + the largest |ρ − 1| of the batch. */
export const largestRatio = (ratio: tf.Tensor2D): tf.Scalar => tf.add(tf.max(tf.abs(tf.sub(ratio, 1))), 1)
