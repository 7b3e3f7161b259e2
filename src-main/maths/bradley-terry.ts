/**
 * Preferences as differences of scores: P(chosen over rejected) = σ(r⁺ − r⁻).
 *
 * Source: Bradley & Terry 1952; Ouyang et al. 2022, Eq. 1.
 */
import * as tf from '../compute/tf'

/**
 * L = −log σ(r⁺ − r⁻ − m) of each pair, written as softplus(−z), whose gradient stays finite.
 * @param chosen    r⁺ [pairs]
 * @param rejected  r⁻ [pairs]
 * @param margins   m, by how much r⁺ should lead (Touvron et al. 2023, "Llama 2", Eq. 2) [pairs]; none is 0
 * @returns [pairs], nats
 */
export function bradleyTerryLosses(
  chosen: tf.Tensor1D,
  rejected: tf.Tensor1D,
  margins?: tf.Tensor1D,
): tf.Tensor1D {
  const lead = tf.sub<tf.Tensor1D>(chosen, rejected)
  return tf.softplus(tf.neg(margins ? tf.sub<tf.Tensor1D>(lead, margins) : lead))
}

/**
 * (r⁺ + r⁻)² of each pair: keeps scores around 0, which the loss above leaves free. Eisenstein et al. 2023, §4.
 * [pairs] twice → [pairs]
 */
export const centeringLosses = (chosen: tf.Tensor1D, rejected: tf.Tensor1D): tf.Tensor1D =>
  tf.square(tf.add<tf.Tensor1D>(chosen, rejected))

/** Share of pairs whose chosen completion has the higher score; a tie counts one half. */
export function pairAccuracy(chosen: ArrayLike<number>, rejected: ArrayLike<number>): number {
  let right = 0
  for (let i = 0; i < chosen.length; i++)
    right += chosen[i]! > rejected[i]! ? 1 : chosen[i] === rejected[i] ? 0.5 : 0
  return right / chosen.length
}
