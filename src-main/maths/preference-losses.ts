/**
 * What a preference pair asks of a policy held to a reference, without a reward model between. One row a loss,
 * in the order in which `src-shared/recipes/dpo.ts` offers them. All of them are written in implicit rewards:
 *
 *   r(y) = β · [log π(y|x) − log π_ref(y|x)]
 *
 * Logarithms of σ are written as softplus, whose gradient stays finite: −log σ(z) = softplus(−z).
 */
import * as tf from '../compute/tf'

/** What a loss may ask of the pairs of a batch. */
export interface ImplicitRewards {
  /** r(y⁺) [pairs], nats */
  readonly chosen: tf.Tensor1D
  /** r(y⁻) [pairs], nats */
  readonly rejected: tf.Tensor1D
  /**
   * z: what tells the two apart [pairs], nats. r(y⁺) − r(y⁻) less the pair's margin; under another divergence
   * than the reverse KL the difference of their scores (`divergences.ts`).
   */
  readonly lead: tf.Tensor1D
}

export interface LossNumbers {
  /** β > 0 */
  readonly beta: number
  /** ε: the share of pairs that were judged the wrong way round, 0 < ε < ½ */
  readonly labelSmoothing: number
  /** τ > 0 of DiscoPOP */
  readonly discopopTau: number
}

export interface PreferenceLoss {
  readonly formula: string
  readonly source: string
  /** @returns [pairs] */
  readonly losses: (rewards: ImplicitRewards, numbers: LossNumbers) => tf.Tensor1D
}

/** −log σ(x) [any shape], nats */
export const negativeLogSigmoid = (x: tf.Tensor1D): tf.Tensor1D => tf.softplus(tf.neg(x))

/** (1 − ε) · a + ε · b */
const mixed = (a: tf.Tensor1D, b: tf.Tensor1D, epsilon: number): tf.Tensor1D =>
  tf.add(tf.mul(a, 1 - epsilon), tf.mul(b, epsilon))

export const preferenceLosses = {
  sigmoid: {
    formula: '−log σ(z)',
    source: 'Rafailov et al. 2023, Eq. 7',
    losses: ({ lead }) => negativeLogSigmoid(lead),
  },
  ipo: {
    formula: '(z/β − 1/2β)²',
    source: 'Azar et al. 2024, Eq. 17',
    losses: ({ lead }, { beta }) => tf.square(tf.sub<tf.Tensor1D>(tf.div(lead, beta), 1 / (2 * beta))),
  },
  hinge: {
    formula: 'max(0, 1 − z)',
    source: 'Zhao et al. 2023 (SLiC-HF), Eq. 1; Liu et al. 2024 (RSO), Eq. 7',
    losses: ({ lead }) => tf.relu(tf.sub<tf.Tensor1D>(1, lead)),
  },
  robust: {
    formula: '[(1 − ε) · (−log σ(z)) − ε · (−log σ(−z))] / (1 − 2ε)',
    source: 'Chowdhury et al. 2024, Eq. 12',
    losses: ({ lead }, { labelSmoothing: epsilon }) =>
      tf.div(
        tf.sub(
          tf.mul(negativeLogSigmoid(lead), 1 - epsilon),
          tf.mul(negativeLogSigmoid(tf.neg(lead)), epsilon),
        ),
        1 - 2 * epsilon,
      ),
  },
  'exo-pair': {
    formula: 'q · log(q / (1 − ε)) + (1 − q) · log((1 − q) / ε), q = σ(z)',
    source: 'Ji et al. 2024, Eq. 16',
    losses: ({ lead }, { labelSmoothing: epsilon }) => {
      const against = (z: tf.Tensor1D, share: number): tf.Tensor1D =>
        tf.mul(tf.sigmoid(z), tf.sub(tf.neg(negativeLogSigmoid(z)), Math.log(share)))
      return tf.add(against(lead, 1 - epsilon), against(tf.neg(lead), epsilon))
    },
  },
  discopop: {
    formula: '(1 − m) · (−log σ(z)) + m · e^(−z), m = σ(z / τ)',
    source: 'Lu et al. 2024, Eq. 5',
    losses: ({ lead }, { discopopTau }) => {
      const share = tf.sigmoid(tf.div(lead, discopopTau))
      return tf.add(tf.mul(negativeLogSigmoid(lead), tf.sub(1, share)), tf.mul(tf.exp(tf.neg(lead)), share))
    },
  },
  'nca-pair': {
    formula: '−log σ(r⁺) − ½ log σ(−r⁺) − ½ log σ(−r⁻)',
    source: 'Chen et al. 2024, Eq. 16',
    losses: ({ chosen, rejected }) =>
      tf.add(negativeLogSigmoid(chosen), tf.mul(tf.add(tf.softplus(chosen), tf.softplus(rejected)), 0.5)),
  },
  'bco-pair': {
    formula: '−log σ(r⁺) − log σ(−r⁻)',
    source: 'Jung et al. 2024, without the shift',
    losses: ({ chosen, rejected }) => tf.add(negativeLogSigmoid(chosen), tf.softplus(rejected)),
  },
  'sppo-hard': {
    formula: '(r⁺/β − 1/2β)² + (r⁻/β + 1/2β)²',
    source: 'Wu et al. 2024, Eq. 4.7, with P = 1 for the chosen one',
    losses: ({ chosen, rejected }, { beta }) => {
      const wanted = 1 / (2 * beta)
      return tf.add(
        tf.square(tf.sub<tf.Tensor1D>(tf.div(chosen, beta), wanted)),
        tf.square(tf.add<tf.Tensor1D>(tf.div(rejected, beta), wanted)),
      )
    },
  },
  'apo-zero': {
    formula: '1 − σ(r⁺) + σ(r⁻)',
    source: 'D’Oosterlinck et al. 2024, Eq. 7',
    losses: ({ chosen, rejected }) => tf.add(tf.sigmoid(tf.neg(chosen)), tf.sigmoid(rejected)),
  },
  'apo-down': {
    formula: 'σ(r⁺) + 1 − σ(r⁺ − r⁻)',
    source: 'D’Oosterlinck et al. 2024, Eq. 8',
    losses: ({ chosen, rejected }) =>
      tf.add(tf.sigmoid(chosen), tf.sigmoid(tf.sub<tf.Tensor1D>(rejected, chosen))),
  },
  aot: {
    formula: '(1 − ε) · (−log σ(z₍ₖ₎)) + ε · (−log σ(−z₍ₖ₎)), k by rank (`alignment.ts`)',
    source: 'Melnyk et al. 2024, Eq. 11',
    losses: ({ lead }, { labelSmoothing }) => smoothed(lead, labelSmoothing),
  },
  'aot-unpaired': {
    formula: 'the same between the k-th of all r⁺ and the k-th of all r⁻',
    source: 'Melnyk et al. 2024, Eq. 10',
    losses: ({ lead }, { labelSmoothing }) => smoothed(lead, labelSmoothing),
  },
} as const satisfies Readonly<Record<string, PreferenceLoss>>

function smoothed(lead: tf.Tensor1D, epsilon: number): tf.Tensor1D {
  return mixed(negativeLogSigmoid(lead), negativeLogSigmoid(tf.neg(lead)), epsilon)
}

export type PreferenceLossName = keyof typeof preferenceLosses
