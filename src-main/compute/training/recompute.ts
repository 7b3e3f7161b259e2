/**
 * Time for memory: a training graph that keeps only few results of its way forward and computes the others
 * again on its way back, where they are needed (Chen et al. 2016, "Training Deep Nets with Sublinear Memory
 * Cost"). Each result is computed at most twice, from the same numbers: nothing changes.
 *
 * The way forward is what the scalars depend on; all else is the way back. It is cut into segments at places
 * that few bytes cross, such as between the blocks of a transformer. What crosses is kept. What lies inside
 * is copied to where the way back first asks for it, and made to wait for a gradient that has come so far, by
 * adding zero times one of its numbers. The last segment is asked for at once, so it stays as it is.
 */
import { bytesOf, holderOf, liveBytes } from '../graph/footprint'
import { liveNodes, type Graph, type Node, type Result, type Value } from '../graph/graph'
import { SCALAR } from '../recording/graphs'
import { cutAt, type Forward } from './recompute-cuts'

/** How much a segment may hold, as shares of all there is: the best of them is taken. */
const shares = Array.from({ length: 24 }, (_, step) => 2 ** (-(step + 1) / 4))

/** The graph that holds least at once, if one holds less than the given one. */
export function recomputing(graph: Graph): Graph {
  const way = wayForward(graph)
  const plans = new Map(
    shares
      .map((share) => cutsFor(way, share * way.stored(-1, way.nodes.length - 1)))
      .map((cuts) => [cuts.join(), cuts]),
  )
  let best = graph
  let least = liveBytes(graph)
  for (const cuts of plans.values()) {
    const cut = cuts.length > 0 ? cutAt(graph, way, cuts) : graph
    const live = liveBytes(cut)
    if (live < least) [best, least] = [cut, live]
  }
  return best
}

interface WayForward extends Forward {
  readonly nodes: readonly Node[]
  /** Bytes that cross the gap behind each node. */
  readonly crossing: Float64Array
  /** Bytes of results that the way back uses, made behind one node and up to another. */
  stored(after: number, upTo: number): number
}

function wayForward(graph: Graph): WayForward {
  const nodes = liveNodes({
    nodes: graph.nodes,
    outputs: Object.fromEntries(Object.entries(graph.outputs).filter(([name]) => name.startsWith(SCALAR))),
  })
  const indexes = new Map(nodes.map((node, index) => [node, index]))
  const lastUses = new Map<Value, number>()
  for (const [index, node] of nodes.entries())
    for (const input of node.inputs) lastUses.set(holderOf(input), index)
  const lastUse = (value: Result) => lastUses.get(value) ?? indexes.get(value.node) ?? 0

  const usedBack = new Set(
    graph.nodes.filter((node) => !indexes.has(node)).flatMap((node) => node.inputs.map(holderOf)),
  )
  const crossing = new Float64Array(nodes.length + 1)
  const storedUpTo = new Float64Array(nodes.length + 1)
  for (const [index, node] of nodes.entries()) {
    storedUpTo[index + 1] = storedUpTo[index] as number
    for (const output of node.outputs) {
      if (holderOf(output) !== output) continue
      crossing[index] = (crossing[index] as number) + bytesOf(output)
      crossing[lastUse(output)] = (crossing[lastUse(output)] as number) - bytesOf(output)
      if (usedBack.has(output)) storedUpTo[index + 1] = (storedUpTo[index + 1] as number) + bytesOf(output)
    }
  }
  for (let index = 1; index < crossing.length; index++)
    crossing[index] = (crossing[index] as number) + (crossing[index - 1] as number)
  return {
    nodes,
    indexes,
    lastUse,
    crossing,
    stored: (after, upTo) => (storedUpTo[upTo + 1] as number) - (storedUpTo[after + 1] as number),
  }
}

/**
 * Nodes to cut behind, so that least is kept while no segment holds more than `most`: shortest way over all
 * indexes, each a cut that costs what crosses it.
 */
function cutsFor({ nodes, crossing, stored }: WayForward, most: number): readonly number[] {
  const cost = new Float64Array(nodes.length + 1).fill(Infinity)
  const before = new Int32Array(nodes.length + 1).fill(-1)
  cost[0] = 0
  for (let end = 0; end < nodes.length; end++) {
    const ownCost = end === nodes.length - 1 ? 0 : (crossing[end] as number)
    for (let start = end; start >= 0 && stored(start - 1, end) <= most; start--) {
      const total = (cost[start] as number) + ownCost
      if (total < (cost[end + 1] as number)) {
        cost[end + 1] = total
        before[end + 1] = start
      }
    }
  }
  const cuts: number[] = []
  for (let start = before[nodes.length] as number; start > 0; start = before[start] as number)
    cuts.unshift(start - 1)
  return Number.isFinite(cost[nodes.length]) ? cuts : []
}
