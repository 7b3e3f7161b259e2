/** Whether a reward model is as sure of a preference as it is right. */

export interface CalibrationBin {
  /** Mean confidence of the pairs in it, ½ … 1. */
  readonly said: number
  /** Share of them whose chosen completion has the higher score; a tie counts one half. */
  readonly right: number
  readonly pairs: number
}

export interface Calibration {
  /** Bins that hold pairs, from the least sure on. */
  readonly bins: readonly CalibrationBin[]
  /** Mean distance of what was said from what was right, weighted by pairs. 0 … ½ */
  readonly error: number
}

/**
 * Confidence is σ(|r⁺ − r⁻|), what Bradley–Terry says of the completion it finds better.
 *
 * Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", Eq. 2 and 3.
 *
 * @param leads r⁺ − r⁻ of each pair @param count of bins of the same width between ½ and 1
 */
export function calibration(leads: readonly number[], count = 5): Calibration {
  const sums = Array.from({ length: count }, () => ({ said: 0, right: 0, pairs: 0 }))
  for (const lead of leads) {
    const said = 1 / (1 + Math.exp(-Math.abs(lead)))
    const bin = sums[Math.min(count - 1, Math.floor((said - 0.5) * 2 * count))]!
    bin.said += said
    bin.right += (Math.sign(lead) + 1) / 2
    bin.pairs++
  }
  const bins = sums
    .filter(({ pairs }) => pairs > 0)
    .map(({ said, right, pairs }) => ({ said: said / pairs, right: right / pairs, pairs }))
  const error = bins.reduce((sum, { said, right, pairs }) => sum + pairs * Math.abs(said - right), 0)
  return { bins, error: leads.length === 0 ? 0 : error / leads.length }
}
