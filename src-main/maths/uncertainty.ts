/** How unsure a reward model is of what it says: what is most unsure teaches most. */

/** Entropy of a yes or no: −p ln p − (1 − p) ln(1 − p), nats. */
export function binaryEntropy(p: number): number {
  const term = (share: number): number => (share > 0 ? -share * Math.log(share) : 0)
  return term(p) + term(1 - p)
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/**
 * Of two completions, by their scores: what the heads of an ensemble know that they do not know,
 *
 *   H(mean_h p_h) − mean_h H(p_h),   p_h = σ(r_h(one) − r_h(other)),
 *
 * and of one head alone, which cannot disagree, the entropy of its own p: the smaller the margin, the more.
 *
 * Sources: Houlsby et al. 2011, "Bayesian Active Learning for Classification and Preference Learning", Eq. 2; heads
 * of a reward model: Gleave & Irving 2022, section 3. Margin: Lewis & Gale 1994.
 *
 * @param one    scores of a completion, a head each
 * @param other  of another
 * @returns nats, 0 … ln 2
 */
export function pairUncertainty(one: readonly number[], other: readonly number[]): number {
  const chances = one.map((score, head) => sigmoid(score - (other[head] as number)))
  const whole = binaryEntropy(mean(chances))
  if (chances.length < 2) return whole
  return Math.max(0, whole - mean(chances.map(binaryEntropy)))
}

/** Of several completions: of every two of them, on average. */
export function rankingUncertainty(scores: readonly (readonly number[])[]): number {
  const pairs = scores.flatMap((one, index) =>
    scores.slice(index + 1).map((other) => pairUncertainty(one, other)),
  )
  return mean(pairs)
}

/**
 * Of one completion by itself: the standard deviation of its heads' scores; of one head, how near its score is to those
 * of the others, as 1 / (1 + |r − mean|): what is neither good nor bad to it comes first.
 * @param usual mean score of the completions that are judged beside it
 */
export function singleUncertainty(scores: readonly number[], usual: number): number {
  const middle = mean(scores)
  if (scores.length < 2) return 1 / (1 + Math.abs(middle - usual))
  return Math.sqrt(mean(scores.map((score) => (score - middle) ** 2)))
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
