/** What DPO and its kin ask of a batch of pairs: from log-probabilities of tokens to losses, and what is shown. */
import type { DpoSettings } from '../../src-shared/recipes/dpo'
import * as tf from '../compute/tf'
import { divergences } from '../maths/divergences'
import { preferenceLosses, type ImplicitRewards } from '../maths/preference-losses'
import { completionSums, type PairBatch } from './pair-rows'

export type PairObjective = Pick<
  DpoSettings,
  | 'loss'
  | 'beta'
  | 'labelSmoothing'
  | 'discopopTau'
  | 'logRatios'
  | 'divergence'
  | 'alphaDivergence'
  | 'sftWeight'
>

/** All [pairs]: the loss, the lead h of the chosen completion, and both log-ratios to the reference, nats. */
export type JudgedPairs = Readonly<Record<'losses' | 'lead' | 'chosen' | 'rejected', tf.Tensor1D>>

/** @param logProbs log π of each token [2 pairs, time] */
export function judgedPairs(logProbs: tf.Tensor2D, batch: PairBatch, objective: PairObjective): JudgedPairs {
  const whole = tf.sub<tf.Tensor1D>(completionSums(logProbs, batch), batch.reference) // [2 pairs]
  const ratios = objective.logRatios === 'per-token' ? tf.div<tf.Tensor1D>(whole, batch.tokens) : whole
  const [chosen, rejected] = halves(ratios)
  const preference = lossesOf(chosen, rejected, batch, objective)
  return {
    losses: objective.sftWeight > 0 ? tf.add(preference, imitation(logProbs, batch, objective)) : preference,
    lead: tf.sub(chosen, rejected),
    chosen,
    rejected,
  }
}

/** Chosen ones stand above rejected ones. */
export const halves = (both: tf.Tensor1D): [tf.Tensor1D, tf.Tensor1D] =>
  tf.split(both, 2) as [tf.Tensor1D, tf.Tensor1D]

function lossesOf(
  chosen: tf.Tensor1D,
  rejected: tf.Tensor1D,
  { margins, partners }: PairBatch,
  objective: PairObjective,
): tf.Tensor1D {
  const { beta } = objective
  const rewards: ImplicitRewards = {
    chosen: tf.mul(chosen, beta),
    rejected: tf.mul(rejected, beta),
    lead: leadOf(chosen, rejected, objective),
  }
  const row = preferenceLosses[objective.loss]
  const losses = (lead: tf.Tensor1D): tf.Tensor1D => row.losses({ ...rewards, lead }, objective)
  if (!partners) return losses(margins ? tf.sub(rewards.lead, margins) : rewards.lead)
  const [ofChosen, ofRejected] = halves(partners)
  if (objective.loss === 'aot') return losses(tf.mul(tf.sub(tf.sub(chosen, rejected), ofChosen), beta))
  const both = tf.add<tf.Tensor1D>(
    losses(tf.mul(tf.sub(chosen, ofChosen), beta)),
    losses(tf.mul(tf.sub(ofRejected, rejected), beta)),
  )
  // Each rank is seen from both sides, which makes its gradient whole and its value twice what it is.
  return tf.sub(both, tf.mul(tf.stopGradient(both), 0.5))
}

/** β · (f′(y⁺) − f′(y⁻)) [pairs] */
function leadOf(
  chosen: tf.Tensor1D,
  rejected: tf.Tensor1D,
  { beta, divergence, alphaDivergence }: PairObjective,
): tf.Tensor1D {
  const score = (ratios: tf.Tensor1D): tf.Tensor1D => divergences[divergence](ratios, alphaDivergence)
  return tf.mul(tf.sub(score(chosen), score(rejected)), beta)
}

/** −α · log π(y⁺) / |y⁺| [pairs]: Pang et al. 2024, "Iterative Reasoning Preference Optimization", Eq. 1. */
function imitation(
  logProbs: tf.Tensor2D,
  { mask, tokens }: PairBatch,
  { sftWeight }: PairObjective,
): tf.Tensor1D {
  const perToken = tf.div<tf.Tensor1D>(completionSums(logProbs, { mask }), tokens)
  return tf.mul(halves(perToken)[0], -sftWeight)
}

/** Means over the pairs of a whole batch; of a part its share in them. */
export function shares(
  { losses, lead, chosen, rejected }: JudgedPairs,
  { counts, total }: PairBatch,
): Record<'loss' | 'accuracy' | 'chosen' | 'rejected', tf.Scalar> {
  const share = (values: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(values, counts)), total)
  const isRight = tf.mul(tf.add(tf.sign(lead), 1), 0.5) // a tie counts one half
  return { loss: share(losses), accuracy: share(isRight), chosen: share(chosen), rejected: share(rejected) }
}
