/** Finite differences of a recorded graph. */
import type { Graph } from '../../src-main/compute/graph/graph'
import { runInFloat64, type Feeds } from './float64'

/**
 * The slope of a scalar along a direction, by central differences in float64: (f(x + h·d) − f(x − h·d)) / 2h.
 * @param direction by the names of the inputs that move
 */
export function slope(graph: Graph, output: string, feeds: Feeds, direction: Feeds, h = 1e-5): number {
  const moved = (by: number): Feeds => ({
    ...feeds,
    ...Object.fromEntries(
      Object.entries(direction).map(([name, along]) => [
        name,
        Float64Array.from(
          feeds[name] as ArrayLike<number>,
          (value, index) => value + by * (along[index] as number),
        ),
      ]),
    ),
  })
  const value = (by: number) => runInFloat64(graph, moved(by))[output]?.[0] as number
  return (value(h) - value(-h)) / (2 * h)
}
