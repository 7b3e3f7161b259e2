/** One metric drawn against another: what each step away from the reference bought. */
import type { XY } from './downsample'
import type { Points } from './points'

/**
 * The steps that both lines have, in their order, as (x's value, y's value); at most `atMost` of them, the
 * newest always among them.
 */
export function against(x: Points, y: Points, atMost: number): XY[] {
  const both: XY[] = []
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const stepX = x.steps[i] ?? 0
    const stepY = y.steps[j] ?? 0
    if (stepX === stepY) both.push({ x: x.values[i] ?? NaN, y: y.values[j] ?? NaN })
    if (stepX <= stepY) i++
    if (stepY <= stepX) j++
  }
  const every = Math.ceil(both.length / atMost)
  return every <= 1 ? both : both.filter((_, index) => (both.length - 1 - index) % every === 0)
}
