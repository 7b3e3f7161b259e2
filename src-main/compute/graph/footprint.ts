/**
 * How much memory a graph takes while it runs: what it must hold at once, and what ONNX Runtime makes of
 * that.
 */
import { type Graph, type Result, type TensorType, type Value } from './graph'
import { sizeOf } from '../parameters'

const BYTES = Float32Array.BYTES_PER_ELEMENT

/** Kernels whose results ONNX Runtime lays over their operand. */
const views: ReadonlySet<string> = new Set(['Reshape', 'BroadcastTo'])

export const bytesOf = ({ shape, dtype }: TensorType) => sizeOf(shape) * (dtype === 'bool' ? 1 : BYTES)

/** What holds the numbers of a value. */
export function holderOf(value: Value): Value {
  const [operand] = value.kind === 'result' && views.has(value.node.kernel) ? value.node.inputs : []
  return operand ? holderOf(operand) : value
}

/**
 * Most bytes of results that must be there at once, when each is let go after its last use. Outputs are not
 * counted: they go into arrays of the caller's.
 */
export function liveBytes(graph: Graph): number {
  const outputs = new Set(Object.values(graph.outputs).map(holderOf))
  const usesLeft = new Map<Value, number>()
  const holders = graph.nodes.map((node) => node.inputs.map(holderOf))
  for (const holder of holders.flat()) usesLeft.set(holder, (usesLeft.get(holder) ?? 0) + 1)
  const isCounted = (value: Value): value is Result => value.kind === 'result' && !outputs.has(value)

  let live = 0
  let most = 0
  for (const [index, node] of graph.nodes.entries()) {
    if (!views.has(node.kernel))
      for (const output of node.outputs) if (isCounted(output)) live += bytesOf(output)
    most = Math.max(most, live)
    for (const holder of holders[index] ?? []) {
      const left = (usesLeft.get(holder) ?? 0) - 1
      usesLeft.set(holder, left)
      if (left === 0 && isCounted(holder)) live -= bytesOf(holder)
    }
  }
  return most
}

/**
 * What ONNX Runtime's arena takes for each live byte: its pieces do not fit without gaps. 1.52–1.58 for
 * training steps of five architectures.
 */
const ARENA = 1.55
/**
 * With a memory pattern the second run lays all results out in one block of its own, beside the arena of the
 * first: 1.39 live bytes more for about 2 % of the time. Worth it while the graph is small.
 */
const PATTERN = 1.39
const LARGEST_PATTERNED_BYTES = 200 * 2 ** 20

export const usesMemoryPattern = (live: number): boolean => live <= LARGEST_PATTERNED_BYTES

/** Bytes ONNX Runtime keeps for a graph from its second run on. @param live of `liveBytes` */
export function arenaBytes(live: number): number {
  return live * (ARENA + (usesMemoryPattern(live) ? PATTERN : 0))
}
