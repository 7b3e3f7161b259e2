/** A point between two gaps is no line: it is drawn as a mark. */
import type { XY } from './downsample'

const markRadius = 3

/** A radius for each point, or one for all where no point stands alone; CSS pixels. */
export function marksOf(data: readonly XY[]): number | number[] {
  const isAlone = (index: number): boolean =>
    isThere(data[index]) && !isThere(data[index - 1]) && !isThere(data[index + 1])
  if (!data.some((_, index) => isAlone(index))) return 0
  return data.map((_, index) => (isAlone(index) ? markRadius : 0))
}

const isThere = (point: XY | undefined): boolean => point !== undefined && Number.isFinite(point.y)
