/** How sure a number measured on a sample is. */

export interface Interval {
  readonly low: number
  readonly high: number
}

/** 97.5 % of a standard normal lies below. */
const z = 1.959963984540054

/**
 * Mean with its 95 % interval: mean ± z·s/√n, s with Bessel's correction. Normal approximation: for n in the
 * hundreds.
 * @throws RangeError for fewer than 2 values
 */
export function meanWithInterval(values: readonly number[]): {
  readonly mean: number
  readonly interval: Interval
} {
  const n = values.length
  if (n < 2) throw new RangeError(`${n} values have no interval`)
  const mean = values.reduce((sum, value) => sum + value, 0) / n
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)
  const half = z * Math.sqrt(variance / n)
  return { mean, interval: { low: mean - half, high: mean + half } }
}

/**
 * Share with its 95 % interval. Wilson 1927, as in Brown et al. 2001, Eq. 4: right for shares near 0 and 1,
 * too.
 * @param count  how many of the total
 * @throws RangeError when there is nothing to have a share of
 */
export function shareWithInterval(
  count: number,
  total: number,
): { readonly share: number; readonly interval: Interval } {
  if (total < 1 || count < 0 || count > total) throw new RangeError(`${count} of ${total} is no share`)
  const share = count / total
  const centre = (share + (z * z) / (2 * total)) / (1 + (z * z) / total)
  const half =
    (z / (1 + (z * z) / total)) * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total))
  return { share, interval: { low: Math.max(0, centre - half), high: Math.min(1, centre + half) } }
}
