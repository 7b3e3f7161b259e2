/**
 * What a preference pair asks of a policy, without a reward model between. All of it is about the lead of the
 * chosen completion y⁺ over the rejected one y⁻, in log-ratios to the reference:
 *
 *   h = [log π(y⁺) − log π_ref(y⁺)] − [log π(y⁻) − log π_ref(y⁻)]
 */
import * as tf from '../compute/tf'

/**
 * L = −log σ(β · h), written as softplus(−β · h), whose gradient stays finite.
 *
 * Source: Rafailov et al. 2023, "Direct Preference Optimization", Eq. 7.
 *
 * @param lead h [pairs], nats
 * @param beta β > 0, no unit
 * @returns [pairs], nats
 */
export const dpoLosses = (lead: tf.Tensor1D, beta: number): tf.Tensor1D =>
  tf.softplus(tf.mul<tf.Tensor1D>(lead, -beta))

/**
 * L = (h − 1/2τ)²: a lead of 1/2τ is wanted, and no more.
 *
 * Source: Azar et al. 2024, "A General Theoretical Paradigm to Understand Learning from Human Preferences",
 * Eq. 17. TRL's `ipo` divides each log-ratio by its completion's tokens first; here it is the sum, as in the
 * paper.
 *
 * @param lead h [pairs], nats
 * @param beta τ > 0, no unit
 * @returns [pairs], nats²
 */
export const ipoLosses = (lead: tf.Tensor1D, beta: number): tf.Tensor1D =>
  tf.square(tf.sub<tf.Tensor1D>(lead, 1 / (2 * beta)))
