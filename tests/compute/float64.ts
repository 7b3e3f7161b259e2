/**
 * A second reference, which shares nothing with the first: a recorded graph, computed number by number in
 * float64, straight from what each kernel means. It holds the backward graph against finite differences of
 * the forward one, and float32 devices against both.
 */
import type { Batch, HostTensor } from '../../src-main/compute/engine'
import type { Graph, Input, Value } from '../../src-main/compute/graph/graph'
import { sizeOf } from '../../src-main/compute/parameters'
import { elementwise } from './float64/elementwise'
import { layers } from './float64/layers'
import { lookups } from './float64/lookups'
import { movement } from './float64/movement'
import type { Kernel, Numbers } from './float64/numbers'
import { reductions } from './float64/reductions'

export type Feeds = Readonly<Record<string, ArrayLike<number>>>

const kernels: Readonly<Record<string, Kernel>> = {
  ...elementwise,
  ...reductions,
  ...movement,
  ...lookups,
  ...layers,
}

/** The kernels a recorded graph may have here. */
export const float64Kernels: ReadonlySet<string> = new Set(Object.keys(kernels))

/** @returns the graph's outputs by name. @throws when there is no formula for a kernel */
export function runInFloat64(graph: Graph, feeds: Feeds): Record<string, Numbers> {
  const computed = new Map<Value, Numbers>()
  function numbersOf(value: Value): Numbers {
    if (value.kind === 'input') return fed(value)
    if (value.kind === 'constant') return Float64Array.from(value.data)
    if (value.kind === 'splat') return new Float64Array(sizeOf(value.shape)).fill(value.value)
    return computed.get(value) as Numbers
  }
  function fed({ name }: Input): Numbers {
    const numbers = feeds[name]
    if (!numbers) throw new Error(`the graph needs "${name}"`)
    return Float64Array.from(numbers)
  }
  for (const node of graph.nodes) {
    const kernel = kernels[node.kernel]
    if (!kernel) throw new Error(`there is no float64 formula for ${node.kernel}`)
    const results = [kernel(node, node.inputs.map(numbersOf))].flat() as Numbers[]
    node.outputs.forEach((output, index) => computed.set(output, results[index] as Numbers))
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, numbersOf(value)]))
}

/** Plain numbers of a batch. */
export const feedsOf = (batch: Batch): Feeds =>
  Object.fromEntries(Object.entries(batch).map(([name, { data }]: [string, HostTensor]) => [name, data]))
