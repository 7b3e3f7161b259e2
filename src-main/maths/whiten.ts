/**
 * Mean 0 and deviation 1 over what the mask marks.
 *
 *   (x − μ) / √(s² + 10⁻⁸),   s² = Σ m·(x − μ)² / (Σ m − 1)
 *
 * Source: `masked_whiten` in TRL (trl/core.py), with Bessel's correction.
 *
 * @param values any unit
 * @param mask   1 for real tokens, 0 for padding; same length
 * @returns no unit; 0 where the mask is 0. A single real value has no deviation and becomes 0
 */
export function whiten(values: ArrayLike<number>, mask: ArrayLike<number>): Float32Array {
  const { count, mean, variance } = moments(values, mask)
  const scale = count > 1 ? 1 / Math.sqrt(variance + 1e-8) : 0
  return Float32Array.from({ length: values.length }, (_, i) =>
    mask[i] === 0 ? 0 : (values[i]! - mean) * scale,
  )
}

/**
 * Deviation 1 around the mean there is: the values as `whiten` makes them, and the mean added again.
 *
 *   (x − μ) / √(s² + 10⁻⁸) + μ
 *
 * Source: `whiten(…, shift_mean=False)` of lm-human-preferences (Ziegler et al. 2019); Huang et al. 2024, "The N+
 * Implementation Details of RLHF with PPO", detail 7.
 *
 * @param values in one unit @returns them, and what their differences were multiplied by
 */
export function spreadToOne(values: readonly number[]): {
  readonly values: readonly number[]
  readonly scale: number
} {
  const { count, mean, variance } = moments(
    values,
    values.map(() => 1),
  )
  const scale = count > 1 ? 1 / Math.sqrt(variance + 1e-8) : 1
  return { values: values.map((value) => (value - mean) * scale + mean), scale }
}

/** Count, mean and Bessel-corrected variance of what the mask marks; the variance of one value is 0. */
export function moments(
  values: ArrayLike<number>,
  mask: ArrayLike<number>,
): { readonly count: number; readonly mean: number; readonly variance: number } {
  let count = 0
  let sum = 0
  for (let i = 0; i < values.length; i++)
    if (mask[i] !== 0) {
      count++
      sum += values[i]!
    }
  const mean = count === 0 ? 0 : sum / count
  let squares = 0
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) squares += (values[i]! - mean) ** 2
  return { count, mean, variance: count > 1 ? squares / (count - 1) : 0 }
}
