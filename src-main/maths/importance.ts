/**
 * What a drawn token adds to a critic-free loss: its advantage, weighted by how much likelier the policy is to
 * draw it now than when it was drawn, and held where that weight goes too far. Four ways, as rows.
 *
 * Shapes are [B, T]; the mask is 1 for drawn tokens, the end token among them, else 0.
 */
import * as tf from '../compute/tf'

export interface Drawing {
  /** log π of the drawn tokens, nats. */
  readonly logProbs: tf.Tensor2D
  /** log π_old of the same, nats. */
  readonly oldLogProbs: tf.Tensor2D
  readonly mask: tf.Tensor2D
  /** Â of each token. */
  readonly advantages: tf.Tensor2D
}

export interface ClipRange {
  /** ε below 1. */
  readonly low: number
  /** ε above 1. */
  readonly high: number
}

/** Temperatures of SAPO's gate for tokens that did well, and badly (Gao et al. 2025, §4). */
const gateUp = 1
const gateDown = 1.05

/** log π − log π_old, 0 where nothing was drawn. [B, T], nats */
export const logRatios = ({ logProbs, oldLogProbs, mask }: Omit<Drawing, 'advantages'>): tf.Tensor =>
  tf.mul(tf.sub(logProbs, oldLogProbs), mask)

/** ρ = π / π_old of each token. [B, T] */
const tokenRatios = (drawing: Drawing): tf.Tensor => tf.exp(logRatios(drawing))

/** The same number at each token of a text: [B, 1], broadcast over [B, T]. */
const spread = (ofText: tf.Tensor, { mask }: Drawing): tf.Tensor => tf.mul(ofText, tf.onesLike(mask))

/** max(−Â·ρ, −Â·clip(ρ, 1 − ε, 1 + ε)). Schulman et al. 2017, Eq. 7. */
function clipped(ratio: tf.Tensor, { advantages }: Drawing, { low, high }: ClipRange): tf.Tensor {
  const held = tf.clipByValue(ratio, 1 - low, 1 + high)
  return tf.neg(tf.minimum(tf.mul(advantages, ratio), tf.mul(advantages, held)))
}

export interface Importance {
  /** Of each token. [B, T] */
  ratio(drawing: Drawing): tf.Tensor
  /** Of each token, to be made smaller. [B, T] */
  loss(drawing: Drawing, clip: ClipRange): tf.Tensor
}

const byToken: Importance = {
  ratio: tokenRatios,
  loss: (drawing, clip) => clipped(tokenRatios(drawing), drawing, clip),
}

/**
 * (π(y) / π_old(y)) to the power of one over its tokens. Zheng et al. 2025, "Group Sequence Policy Optimization",
 * Eq. 7.
 */
const meanRatios = (drawing: Drawing): tf.Tensor => {
  const tokens = tf.maximum(tf.sum(drawing.mask, 1, true), 1)
  return spread(tf.exp(tf.div(tf.sum(logRatios(drawing), 1, true), tokens)), drawing)
}

/** π(y) / π_old(y) of the whole text. Ahmadian et al. 2024, as in TRL. */
const textRatios = (drawing: Drawing): tf.Tensor =>
  spread(tf.exp(tf.sum(logRatios(drawing), 1, true)), drawing)

export const importances = {
  token: byToken,
  'text-mean': {
    ratio: meanRatios,
    loss: (drawing, clip) => clipped(meanRatios(drawing), drawing, clip),
  },
  text: {
    ratio: textRatios,
    loss: (drawing, clip) => clipped(textRatios(drawing), drawing, clip),
  },
  /**
   * −sg(min(ρ, 1 + ε)) · Â · log π: no token loses its gradient, only its weight is held.
   * MiniMax 2025, "MiniMax-M1" (CISPO), Eq. 4 and 5.
   */
  cispo: {
    ratio: tokenRatios,
    loss: (drawing, { high }) =>
      tf.neg(
        tf.mul(
          tf.mul(tf.stopGradient(tf.minimum(tokenRatios(drawing), 1 + high)), drawing.advantages),
          drawing.logProbs,
        ),
      ),
  },
  /**
   * −(4/τ) · σ(τ(ρ − 1)) · Â: a soft gate instead of a clip. Gao et al. 2025, "Soft Adaptive Policy Optimization",
   * Eq. 5.
   */
  sapo: {
    ratio: tokenRatios,
    loss: (drawing) => {
      const ratio = tokenRatios(drawing)
      const gate = (heat: number): tf.Tensor => tf.mul(tf.sigmoid(tf.mul(tf.sub(ratio, 1), heat)), 4 / heat)
      const isUp = tf.cast(tf.greater(drawing.advantages, 0), 'float32')
      const gated = tf.add(tf.mul(gate(gateUp), isUp), tf.mul(gate(gateDown), tf.sub(1, isUp)))
      return tf.neg(tf.mul(gated, drawing.advantages))
    },
  },
} as const satisfies Readonly<Record<string, Importance>>

export type ImportanceName = keyof typeof importances
