/**
 * Numbers as classes: a value between two ends becomes a distribution over bins, learned by cross-entropy,
 * read back as its mean.
 *
 * Sources: Imani & White 2018, "Improving Regression Performance with Distributional Losses" (HL-Gauss);
 * Farebrother et al. 2024, "Stop Regressing", §3.1, Eq. 3.
 */
import * as tf from '../compute/tf'

/** Bins of one width whose centres run from the lowest to the highest value. */
export interface Bins {
  /** At least 2. */
  readonly count: number
  readonly lowest: number
  /** Above the lowest. */
  readonly highest: number
}

/** How a value is spread over the bins: all in its own, or as a bell curve around it. */
export type BinTarget = 'one-hot' | 'hl-gauss'

/** Deviation of the bell curve, in bins (Farebrother et al. 2024, §3.1). */
const deviationBins = 0.75

const widthOf = ({ count, lowest, highest }: Bins): number => (highest - lowest) / (count - 1)

export const binCentres = (bins: Bins): number[] =>
  Array.from({ length: bins.count }, (_, bin) => bins.lowest + bin * widthOf(bins))

/**
 * The distribution that stands for each value. HL-Gauss: q(bin) ∝ Φ((right − y)/σ) − Φ((left − y)/σ), so that
 * what falls outside the ends is shared out.
 * @returns [values · count], each row's sum is 1
 */
export function binTargets(bins: Bins, values: readonly number[], target: BinTarget): Float32Array {
  const targets = new Float32Array(values.length * bins.count)
  values.forEach((value, row) =>
    targets.set(target === 'one-hot' ? ownBin(bins, value) : bellCurve(bins, value), row * bins.count),
  )
  return targets
}

function ownBin(bins: Bins, value: number): number[] {
  const own = Math.min(bins.count - 1, Math.max(0, Math.round((value - bins.lowest) / widthOf(bins))))
  return Array.from({ length: bins.count }, (_, bin) => (bin === own ? 1 : 0))
}

function bellCurve(bins: Bins, value: number): number[] {
  const width = widthOf(bins)
  const below = (edge: number): number => normalDistribution((edge - value) / (deviationBins * width))
  const shares = binCentres(bins).map((centre) => below(centre + width / 2) - below(centre - width / 2))
  const total = shares.reduce((sum, share) => sum + share, 0)
  return total > 0 ? shares.map((share) => share / total) : ownBin(bins, value)
}

/** Φ(x), to 2 · 10⁻⁷. Abramowitz & Stegun 1964, 7.1.26. */
function normalDistribution(x: number): number {
  const z = Math.abs(x) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * z)
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-z * z)
  return x < 0 ? tail / 2 : 1 - tail / 2
}

/**
 * −Σ q · log softmax(logits), mean over the rows that count.
 * @param logits  [rows, bins]
 * @param targets q, each row's sum 1 — [rows, bins]
 * @param mask    1 where a row counts — [rows]
 * @returns nats a row — scalar
 */
export function binnedLoss(logits: tf.Tensor2D, targets: tf.Tensor2D, mask: tf.Tensor1D): tf.Scalar {
  const perRow = tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1))
  return tf.div(tf.sum(tf.mul(perRow, mask)), tf.sum(mask))
}

/** The mean of the distribution: Σ softmax(logits) · centre. [rows, bins] → [rows] */
export const meanOfBins = (logits: tf.Tensor2D, bins: Bins): tf.Tensor1D =>
  tf.sum(tf.mul(tf.softmax(logits), tf.tensor1d(binCentres(bins))), 1)
