/** One metric of one run as it grows: typed columns, appended in place. */

export interface Series {
  steps: Float64Array
  values: Float64Array
  /** How many of each column count. */
  length: number
  /** Grows by one whenever points that were there are taken away. */
  revision: number
}

export const emptySeries = (): Series => ({
  steps: new Float64Array(256),
  values: new Float64Array(256),
  length: 0,
  revision: 0,
})

/** Steps come in their order. A step that is already there counts anew, with all that came after it. */
export function appendPoint(series: Series, step: number, value: number): void {
  if (series.length > 0 && step <= (series.steps[series.length - 1] ?? 0)) rewind(series, step - 1)
  if (series.length === series.steps.length) {
    series.steps = doubled(series.steps)
    series.values = doubled(series.values)
  }
  series.steps[series.length] = step
  series.values[series.length] = value
  series.length++
}

/** Takes away what lies after `step`: the run went back there. */
export function rewind(series: Series, step: number): void {
  let { length } = series
  while (length > 0 && (series.steps[length - 1] ?? 0) > step) length--
  if (length === series.length) return
  series.length = length
  series.revision++
}

function doubled(column: Float64Array): Float64Array {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
