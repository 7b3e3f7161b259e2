/**
 * Makes a recorded graph smaller without changing what it computes: nodes nobody needs go, equal nodes become
 * one, products with one and sums with zero vanish, and broadcasts wait until somebody needs them in full,
 * which is mostly nobody.
 */
import { areEqualShapes, liveNodes, newNode, splat, type Graph, type Node, type Value } from './graph'
import { broadcastingKernels } from './elementwise'
import { rules, type Draft } from './simplify-rules'

const mayStaySmall: ReadonlySet<string> = new Set(broadcastingKernels)

export function simplify(graph: Graph): Graph {
  const nodes: Node[] = []
  const canonical = new Map<Value, Value>()
  const known = new Map<string, Node>()
  const identity = identities()
  const canonicalOf = (value: Value) => canonical.get(value) ?? value

  function make(draft: Draft): readonly Value[] {
    const simpler = rules[draft.kernel]?.(draft, make)
    if (simpler) return [simpler]
    const inputs = mayStaySmall.has(draft.kernel) ? withoutBroadcasts(draft) : draft.inputs
    const key =
      `${draft.kernel} ${JSON.stringify(draft.attributes)} ${inputs.map(identity).join()} ` +
      `${draft.outputs[0]?.shape.join('x')}`
    const equal = known.get(key)
    if (equal) return equal.outputs
    const node = newNode(draft.kernel, inputs, draft.attributes, draft.outputs)
    nodes.push(node)
    known.set(key, node)
    return node.outputs
  }

  for (const node of liveNodes(graph)) {
    const made = make({ ...node, inputs: node.inputs.map(canonicalOf) })
    node.outputs.forEach((output, index) => canonical.set(output, made[index] ?? output))
  }
  const outputs = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, value]) => [name, canonicalOf(value)]),
  )
  return { nodes: liveNodes({ nodes, outputs }), outputs }
}

/** A text for each value, the same for the same value. Splats are the same when they say the same. */
function identities(): (value: Value) => string {
  const numbers = new Map<Value, number>()
  return (value) => {
    if (value.kind === 'splat')
      return `${value.dtype} ${value.shape.join('x')} ${Object.is(value.value, -0) ? '-0' : value.value}`
    const number = numbers.get(value) ?? numbers.size
    numbers.set(value, number)
    return String(number)
  }
}

/** When one operand already has the result's shape, the others may stay as small as they are. */
function withoutBroadcasts({ inputs, outputs: [output] }: Draft): readonly Value[] {
  const isFull = (value: Value) =>
    !isLazy(value) && output !== undefined && areEqualShapes(value.shape, output.shape)
  return inputs.some(isFull) ? inputs.map(small) : inputs
}

function isLazy(value: Value): boolean {
  return value.kind === 'splat' || (value.kind === 'result' && value.node.kernel === 'BroadcastTo')
}

function small(value: Value): Value {
  if (value.kind === 'splat') return splat([], value.dtype, value.value)
  return value.kind === 'result' && value.node.kernel === 'BroadcastTo'
    ? (value.node.inputs[0] ?? value)
    : value
}
