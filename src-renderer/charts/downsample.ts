/** Thins a line to what a screen can show. */
import { firstAtOrAfter, type Points } from './points'

export interface XY {
  x: number
  y: number
}

/**
 * At most two points a bucket of equal width: its smallest and its largest value, in the order they came, so
 * that no peak is ever lost. A bucket without any number becomes one gap. A line that is short enough is
 * taken as it is.
 *
 * @param from     first step shown
 * @param to       last step shown
 * @param buckets  one a pixel
 */
export function downsample(points: Points, from: number, to: number, buckets: number): XY[] {
  const first = firstAtOrAfter(points, from)
  const end = firstAtOrAfter(points, to + 1e-9)
  const thinned: XY[] = []
  if (end - first <= 2 * buckets) {
    for (let index = first; index < end; index++) thinned.push(at(points, index))
    return thinned
  }
  const bucketsAStep = buckets / Math.max(to - from, 1e-9)
  for (let index = first; index < end;) {
    const bucket = Math.floor(((points.steps[index] ?? 0) - from) * bucketsAStep)
    const next = endOfBucket(points, index, end, (step) => Math.floor((step - from) * bucketsAStep) > bucket)
    pushExtremes(thinned, points, index, next)
    index = next
  }
  return thinned
}

function endOfBucket(
  points: Points,
  start: number,
  end: number,
  isBeyond: (step: number) => boolean,
): number {
  let index = start + 1
  while (index < end && !isBeyond(points.steps[index] ?? 0)) index++
  return index
}

function pushExtremes(into: XY[], points: Points, start: number, end: number): void {
  let low = -1
  let high = -1
  for (let index = start; index < end; index++) {
    const value = points.values[index] ?? NaN
    if (!Number.isFinite(value)) continue
    if (low < 0 || value < (points.values[low] ?? 0)) low = index
    if (high < 0 || value > (points.values[high] ?? 0)) high = index
  }
  if (low < 0) into.push({ x: points.steps[start] ?? 0, y: NaN })
  else if (low === high) into.push(at(points, low))
  else into.push(at(points, Math.min(low, high)), at(points, Math.max(low, high)))
}

const at = (points: Points, index: number): XY => ({
  x: points.steps[index] ?? 0,
  y: finite(points.values[index]),
})
const finite = (value: number | undefined): number =>
  value !== undefined && Number.isFinite(value) ? value : NaN
