/** A line of a chart from plain numbers. */
import type { Points } from '../../../src-renderer/charts/points'

export const line = (
  values: readonly number[],
  steps: readonly number[] = values.map((_, index) => index),
): Points => ({
  steps: Float64Array.from(steps),
  values: Float64Array.from(values),
  length: values.length,
  revision: 0,
})
