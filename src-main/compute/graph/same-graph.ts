/**
 * A recorded program runs many times and is recorded once, so it must be the same each time it is recorded: a
 * random draw, a clock or a counter in it would be frozen into the graph, and every run would get the first
 * one's number.
 */
import { areEqualShapes, type Graph, type Node, type Value } from './graph'

/** Do two recordings compute the same, from the same inputs and with the same numbers? */
export function areSameGraphs(one: Graph, other: Graph): boolean {
  const counterparts = new Map<Node, Node>()

  function areSameValues(a: Value | undefined, b: Value | undefined): boolean {
    if (!a || !b || a.dtype !== b.dtype || !areEqualShapes(a.shape, b.shape)) return false
    if (a.kind === 'input') return b.kind === 'input' && a.name === b.name
    if (a.kind === 'splat') return b.kind === 'splat' && Object.is(a.value, b.value)
    if (a.kind === 'constant')
      return b.kind === 'constant' && a.data.every((value, index) => Object.is(value, b.data[index]))
    return (
      b.kind === 'result' &&
      counterparts.get(a.node) === b.node &&
      a.node.outputs.indexOf(a) === b.node.outputs.indexOf(b)
    )
  }

  function areSameNodes(a: Node, b: Node | undefined): boolean {
    if (
      !b ||
      a.kernel !== b.kernel ||
      a.inputs.length !== b.inputs.length ||
      JSON.stringify(a.attributes) !== JSON.stringify(b.attributes)
    )
      return false
    counterparts.set(a, b)
    return a.inputs.every((input, index) => areSameValues(input, b.inputs[index]))
  }

  return (
    one.nodes.length === other.nodes.length &&
    one.nodes.every((node, index) => areSameNodes(node, other.nodes[index])) &&
    Object.keys(one.outputs).join() === Object.keys(other.outputs).join() &&
    Object.entries(one.outputs).every(([name, value]) => areSameValues(value, other.outputs[name]))
  )
}
