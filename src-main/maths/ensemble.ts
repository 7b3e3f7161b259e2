/**
 * Several scores of one text as one cautious score, and what makes them differ: each head learns from a draw of
 * its own of the examples (Efron 1979; heads on one trunk, each with its bootstrap: Osband et al. 2016).
 */
import * as tf from '../compute/tf'
import { randomIndex, type Random } from './random'

/**
 * mean − λ · deviation over the heads: what they agree on is believed, what they differ in is not.
 *
 * Coste et al. 2024, "Reward Model Ensembles Help Mitigate Overoptimization", Eq. 3 (UWO) subtract the variance;
 * the deviation has the score's own unit, so that λ means the same whatever the scale of the scores.
 *
 * @param scores [rows, heads] @param caution λ
 * @returns [rows]
 */
export function cautiousScore(scores: tf.Tensor2D, caution: number): tf.Tensor1D {
  const mean = tf.mean<tf.Tensor2D>(scores, 1, true)
  const deviation = tf.sqrt<tf.Tensor1D>(tf.mean<tf.Tensor1D>(tf.square(tf.sub(scores, mean)), 1))
  return tf.sub<tf.Tensor1D>(tf.squeeze<tf.Tensor1D>(mean, [1]), tf.mul(deviation, caution))
}

/** Deviation of a few numbers, all of them: divided by n. */
export function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** How often each example is drawn, with replacement, in as many draws as there are examples: a bootstrap. */
export function bootstrapCounts(examples: number, random: Random): Float32Array {
  const counts = new Float32Array(examples)
  for (let draw = 0; draw < examples; draw++) counts[randomIndex(examples, random)]!++
  return counts
}

/**
 * What must be added to each head's bias so that every head's mean over these texts is the same, and the mean of
 * the cautious score 0. A preference leaves a head's own zero open: without this, heads differ in nothing but that.
 *
 * @param scores of each text, its heads' scores; not empty @param caution λ
 * @returns one number a head
 */
export function offsetsToZero(scores: readonly (readonly number[])[], caution: number): readonly number[] {
  const heads = scores[0]?.length ?? 0
  const means = Array.from({ length: heads }, (_, head) => meanOf(scores.map((of) => of[head] as number)))
  const deviations = scores.map((of) => deviationOf(of.map((score, head) => score - (means[head] as number))))
  return means.map((mean) => caution * meanOf(deviations) - mean)
}
