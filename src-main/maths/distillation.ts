/** How far a policy is from its teacher, from whole distributions. */
import * as tf from '../compute/tf'
import { klDivergence } from './kl'

/**
 * Generalised Jensen–Shannon divergence of teacher p and policy q at each position, with M = β·p + (1 − β)·q:
 *
 *   JSD(β) = β · KL(p ‖ M) + (1 − β) · KL(q ‖ M),   at β = 0 KL(p ‖ q), at β = 1 KL(q ‖ p)
 *
 * The ends are the limits of its gradient, divided by β and by 1 − β: there it is itself nothing.
 *
 * Source: Agarwal et al. 2024, "On-Policy Distillation of Language Models", Eq. 1 and §3.1.
 *
 * @param policy  logits [..., V]
 * @param teacher logits, same shape
 * @returns [...], nats
 */
export function generalisedJsd(policy: tf.Tensor, teacher: tf.Tensor, beta: number): tf.Tensor {
  if (beta === 0) return klDivergence(teacher, policy)
  if (beta === 1) return klDivergence(policy, teacher)
  const p = tf.logSoftmax(teacher)
  const q = tf.logSoftmax(policy)
  const ofTeacher = tf.add(p, Math.log(beta))
  const ofPolicy = tf.add(q, Math.log(1 - beta))
  // log(eᵃ + eᵇ) = a + log(1 + eᵇ⁻ᵃ): a token that is all but impossible for both stays finite
  const mixture = tf.add(ofTeacher, tf.softplus(tf.sub(ofPolicy, ofTeacher)))
  const towards = (logProbs: tf.Tensor): tf.Tensor =>
    tf.sum(tf.mul(tf.exp(logProbs), tf.sub(logProbs, mixture)), -1)
  return tf.add(tf.mul(towards(p), beta), tf.mul(towards(q), 1 - beta))
}
