/** Steps of a text, each right or wrong: what a process reward model learns, and how its steps make one score. */
import * as tf from '../compute/tf'

/** How the steps of a text make its score: all of them right, or the one that is least likely right. */
export type StepsJoined = 'product' | 'least'

/**
 * −y log σ(s) − (1 − y) log(1 − σ(s)) of each step, written as softplus(s) − y·s.
 *
 * Source: Wang et al. 2024, "Math-Shepherd", Eq. 3; with y between 0 and 1 its soft estimation, Eq. 1.
 *
 * @param logits s @param labels y, 0 … 1, in the same shape
 * @returns nats, in the same shape
 */
export const stepLosses = <T extends tf.Tensor>(logits: T, labels: T): T =>
  tf.sub<T>(tf.softplus(logits), tf.mul(labels, logits))

/**
 * The probability that every step is right, Π σ(s), or that of the worst step.
 *
 * Source: Lightman et al. 2023, "Let's Verify Step by Step", §2.6 and App. F.2.
 *
 * @param logits s [rows, steps] @param mask 1 where there is a step
 * @returns 0 … 1 [rows]
 */
export function joinedSteps(logits: tf.Tensor2D, mask: tf.Tensor2D, joined: StepsJoined): tf.Tensor1D {
  const logRight = tf.mul(tf.neg(tf.softplus(tf.neg(logits))), mask) // log σ(s), 0 where there is no step
  return tf.exp(joined === 'product' ? tf.sum<tf.Tensor1D>(logRight, 1) : tf.min<tf.Tensor1D>(logRight, 1))
}

/** The same after each step: what the score is when the text stops there. @param logits s of one text's steps */
export function joinedSoFar(logits: readonly number[], joined: StepsJoined): readonly number[] {
  let logRight = 0
  return logits.map((logit) => {
    const own = -Math.log1p(Math.exp(-logit)) // log σ(s)
    logRight = joined === 'product' ? logRight + own : Math.min(logRight, own)
    return Math.exp(logRight)
  })
}
