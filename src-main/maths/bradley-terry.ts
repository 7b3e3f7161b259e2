/**
 * Preferences as differences of scores: P(chosen over rejected) = σ(r⁺ − r⁻).
 *
 * Source: Bradley & Terry 1952; Ouyang et al. 2022, Eq. 1.
 */
import * as tf from '../compute/tf'

/**
 * L = −log σ(r⁺ − r⁻ − m) of each pair, written as softplus(−z), whose gradient stays finite.
 * @param chosen    r⁺ [pairs], or [pairs, heads]
 * @param rejected  r⁻, in the same shape
 * @param margins   m, by how much r⁺ should lead (Touvron et al. 2023, "Llama 2", Eq. 2) [pairs] or [pairs, 1];
 *   none is 0
 * @returns nats, in the shape of the scores
 */
export function bradleyTerryLosses<T extends tf.Tensor>(chosen: T, rejected: T, margins?: tf.Tensor): T {
  const lead = tf.sub<T>(chosen, rejected)
  return tf.softplus(tf.neg(margins ? tf.sub<T>(lead, margins) : lead))
}

/**
 * (r⁺ + r⁻)² of each pair: keeps scores around 0, which the loss above leaves free. Eisenstein et al. 2023, §4.
 * Of one shape, which is answered.
 */
export const centeringLosses = <T extends tf.Tensor>(chosen: T, rejected: T): T =>
  tf.square(tf.add<T>(chosen, rejected))

/**
 * ½ (r⁺² + r⁻²) of each pair: keeps scores small, and so their differences, too.
 * Source: Open-Assistant, model/model_training/losses.py, RMLoss. Of one shape, which is answered.
 */
export const sizeLosses = <T extends tf.Tensor>(chosen: T, rejected: T): T =>
  tf.mul<T>(tf.add(tf.square(chosen), tf.square(rejected)), 0.5)

/** Share of pairs whose chosen completion has the higher score; a tie counts one half. */
export function pairAccuracy(chosen: ArrayLike<number>, rejected: ArrayLike<number>): number {
  let right = 0
  for (let i = 0; i < chosen.length; i++)
    right += chosen[i]! > rejected[i]! ? 1 : chosen[i] === rejected[i] ? 0.5 : 0
  return right / chosen.length
}
