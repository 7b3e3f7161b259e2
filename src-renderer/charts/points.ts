/** One line of a chart as it grows. Nothing here knows what draws it. */

/** Points in the order of their steps; only the first `length` of each array count. */
export interface Points {
  readonly steps: Float64Array
  readonly values: Float64Array
  readonly length: number
  /** Changes whenever points that were already there changed; appending leaves it as it is. */
  readonly revision: number
}

/** Index of the first point at or after `step`; `length` when there is none. */
export function firstAtOrAfter(points: Points, step: number): number {
  let low = 0
  let high = points.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((points.steps[middle] ?? 0) < step) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Index of the point whose step is nearest, the earlier one of two equally near; undefined for an empty line.
 */
export function nearest(points: Points, step: number): number | undefined {
  if (points.length === 0) return undefined
  const after = Math.min(firstAtOrAfter(points, step), points.length - 1)
  const before = Math.max(after - 1, 0)
  const isBeforeNearer =
    Math.abs((points.steps[before] ?? 0) - step) <= Math.abs((points.steps[after] ?? 0) - step)
  return isBeforeNearer ? before : after
}

/**
 * Smallest and largest finite value, above zero only where a logarithm is taken; undefined when there is
 * none.
 */
export function extent(
  lines: readonly Points[],
  isLog: boolean,
): { readonly min: number; readonly max: number } | undefined {
  let min = Infinity
  let max = -Infinity
  for (const { values, length } of lines) {
    for (let index = 0; index < length; index++) {
      const value = values[index] ?? NaN
      if (!Number.isFinite(value) || (isLog && value <= 0)) continue
      if (value < min) min = value
      if (value > max) max = value
    }
  }
  return min <= max ? { min, max } : undefined
}
