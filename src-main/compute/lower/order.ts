/**
 * The order in which a model's nodes are written, which decides the order in which ONNX Runtime runs them.
 */
import type { OnnxNode } from './onnx'

/**
 * The same nodes, those whose results no other node reads at the end, in reverse. ONNX Runtime 1.30 searches
 * depth first from these, beginning with the last (`GraphViewer`'s default order): written as they come, the
 * gradient of the first layer would pull the whole way back before any other gradient is made of it. So each
 * gradient is made while the cache still has what goes into it, and nothing waits for it longer than it must.
 */
export function leavesLast(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs))
  const isLeaf = ({ outputs }: OnnxNode) => !outputs.some((output) => read.has(output))
  return [...nodes.filter((node) => !isLeaf(node)), ...nodes.filter(isLeaf).reverse()]
}
