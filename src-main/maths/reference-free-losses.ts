/**
 * What a preference pair asks of a policy that is held to no reference. A row is given the log-probabilities of
 * both completions, l(y⁺) and l(y⁻), whole or their mean a token.
 */
import * as tf from '../compute/tf'
import { negativeLogSigmoid } from './preference-losses'

export interface PairLogProbs {
  /** l(y⁺) [pairs], nats, below 0 */
  readonly chosen: tf.Tensor1D
  /** l(y⁻) [pairs], nats, below 0 */
  readonly rejected: tf.Tensor1D
}

export interface ReferenceFreeNumbers {
  /** β > 0; λ of ORPO */
  readonly beta: number
  /** γ ≥ 0: by how much β · (l⁺ − l⁻) should lead */
  readonly gamma: number
  /** α > 0 of AlphaPO */
  readonly alpha: number
}

export interface ReferenceFreeLoss {
  readonly formula: string
  readonly source: string
  /** Whether l is the mean a token, or the sum. */
  readonly isPerToken: boolean
  /** @returns [pairs] */
  readonly losses: (logProbs: PairLogProbs, numbers: ReferenceFreeNumbers) => tf.Tensor1D
}

/** −log σ(β · lead − γ) */
const behind = (lead: tf.Tensor1D, { beta, gamma }: ReferenceFreeNumbers): tf.Tensor1D =>
  negativeLogSigmoid(tf.sub<tf.Tensor1D>(tf.mul(lead, beta), gamma))

/** Where 1 − e^l still differs from 0 in float32. */
const mostLogProb = -1e-6

/** log(1 − e^l) of l < 0 */
const log1mexp = (logProbs: tf.Tensor1D): tf.Tensor1D =>
  tf.log(tf.neg(tf.expm1(tf.minimum<tf.Tensor1D>(logProbs, mostLogProb))))

export const referenceFreeLosses = {
  orpo: {
    formula: '−β · log σ(log odds(y⁺) − log odds(y⁻)), odds = e^l / (1 − e^l), l a token',
    source: 'Hong et al. 2024, Eq. 6 and 7',
    isPerToken: true,
    losses: ({ chosen, rejected }, { beta }) => {
      const logOdds = (l: tf.Tensor1D): tf.Tensor1D => tf.sub(l, log1mexp(l))
      return tf.mul(negativeLogSigmoid(tf.sub(logOdds(chosen), logOdds(rejected))), beta)
    },
  },
  simpo: {
    formula: '−log σ(β · (l⁺ − l⁻) − γ), l a token',
    source: 'Meng et al. 2024, Eq. 6',
    isPerToken: true,
    losses: ({ chosen, rejected }, numbers) => behind(tf.sub(chosen, rejected), numbers),
  },
  cpo: {
    formula: '−log σ(β · (l⁺ − l⁻)), l whole',
    source: 'Xu et al. 2024, Eq. 3',
    isPerToken: false,
    losses: ({ chosen, rejected }, numbers) => behind(tf.sub(chosen, rejected), { ...numbers, gamma: 0 }),
  },
  alphapo: {
    formula: '−log σ(β · (u⁺ − u⁻) − γ), u = (1 − e^(−α · l)) / α, l a token',
    source: 'Gupta et al. 2025, Eq. 6',
    isPerToken: true,
    losses: ({ chosen, rejected }, numbers) => {
      const shaped = (l: tf.Tensor1D): tf.Tensor1D =>
        tf.div(tf.neg(tf.expm1(tf.mul(l, -numbers.alpha))), numbers.alpha)
      return behind(tf.sub(shaped(chosen), shaped(rejected)), numbers)
    },
  },
} as const satisfies Readonly<Record<string, ReferenceFreeLoss>>
