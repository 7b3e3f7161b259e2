/**
 * What a single completion asks of a policy held to a reference, when it was only called good or bad. All of it
 * is about the implicit reward r = β · [log π(y|x) − log π_ref(y|x)] against a baseline; s is +1 for a good
 * completion and −1 for a bad one.
 */
import * as tf from '../compute/tf'

export interface UnpairedLoss {
  readonly formula: string
  readonly source: string
  /**
   * What a reward is compared with. `kl`: β · z₀, z₀ = max(0, mean of log π(y′|x) − log π_ref(y′|x)) over
   * completions y′ of other prompts. `shift`: δ, the mean of the good and of the bad rewards so far, halved and
   * added. `none`: 0.
   */
  readonly baseline: 'kl' | 'shift' | 'none'
  /** @param lead s · (r − baseline) [rows], nats @returns [rows] */
  readonly losses: (lead: tf.Tensor1D) => tf.Tensor1D
}

/** 1 − σ(x) = σ(−x) */
const failure = (x: tf.Tensor1D): tf.Tensor1D => tf.sigmoid(tf.neg(x))

export const unpairedLosses = {
  kto: {
    formula: '1 − σ(s · (r − β · z₀))',
    source: 'Ethayarajh et al. 2024, Eq. 8',
    baseline: 'kl',
    losses: failure,
  },
  bco: {
    formula: '−log σ(s · (r − δ))',
    source: 'Jung et al. 2024, Eq. 11',
    baseline: 'shift',
    losses: (lead) => tf.softplus(tf.neg(lead)),
  },
  'apo-zero': {
    formula: '1 − σ(s · r)',
    source: 'D’Oosterlinck et al. 2024, Eq. 7, of one completion',
    baseline: 'none',
    losses: failure,
  },
} as const satisfies Readonly<Record<string, UnpairedLoss>>

export type UnpairedLossName = keyof typeof unpairedLosses
