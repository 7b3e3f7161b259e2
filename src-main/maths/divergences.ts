/**
 * How a policy is held to its reference: the divergence that DPO's reward pays for. The optimal policy of
 * reward minus β · D_f(π ‖ π_ref) has r(y) = β · f′(π(y) / π_ref(y)) + a constant of the prompt, so that in DPO
 * f′ takes the place of the logarithm. With Δ = log π(y) − log π_ref(y); constants cancel between the two of a
 * pair and are kept, as TRL keeps them.
 *
 * Source: Wang et al. 2024, "Beyond Reverse KL", Table 1.
 */
import * as tf from '../compute/tf'

/** Where e^x still fits float32 with room for its gradient. */
const mostExponent = 80

/** @param ratios Δ [any], nats @param alpha of the α-divergence, neither 0 nor 1 @returns f′(e^Δ) [the same] */
export type Divergence = (ratios: tf.Tensor1D, alpha: number) => tf.Tensor1D

export const divergences = {
  'reverse-kl': (ratios) => ratios,
  'forward-kl': (ratios) => tf.sub<tf.Tensor1D>(1, exponential(tf.neg(ratios))),
  'jensen-shannon': (ratios) => tf.sub<tf.Tensor1D>(Math.LN2, tf.softplus(tf.neg(ratios))),
  alpha: (ratios, alpha) => tf.div(tf.sub<tf.Tensor1D>(exponential(tf.mul(ratios, alpha - 1)), 1), alpha - 1),
} as const satisfies Readonly<Record<string, Divergence>>

const exponential = (x: tf.Tensor1D): tf.Tensor1D => tf.exp(tf.minimum<tf.Tensor1D>(x, mostExponent))
