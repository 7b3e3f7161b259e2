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
  const isAhead = writingOut(nodes)
  const others = nodes.filter((node) => !isAhead(node))
  return [
    ...nodes.filter(isAhead),
    ...others.filter((node) => !isLeaf(node)),
    ...others.filter(isLeaf).reverse(),
  ]
}

/**
 * Nodes that write weights out, and turn them. Of a node's operands ONNX Runtime makes the one that is written last
 * first: these stand before all others, so each is made right before it is read, when all else that is read with it is
 * there.
 */
function writingOut(nodes: readonly OnnxNode[]): (node: OnnxNode) => boolean {
  const made = new Set<string>()
  const ahead = new Set<OnnxNode>()
  for (const node of nodes) {
    const [first] = node.inputs
    const isFirst = node.op === 'DequantizeLinear' && !nodes.some(({ outputs }) => outputs.includes(first!))
    if (!isFirst && !(first !== undefined && made.has(first) && moves.has(node.op))) continue
    ahead.add(node)
    for (const output of node.outputs) made.add(output)
  }
  return (node) => ahead.has(node)
}

const moves: ReadonlySet<string> = new Set(['Reshape', 'Slice', 'Transpose'])
