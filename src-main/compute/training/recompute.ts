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
import { liveNodes, newNode, splat, type Graph, type Node, type Result, type Value } from '../graph/graph'
import { SCALAR } from '../recording/graphs'
import { sizeOf } from '../parameters'

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

interface WayForward {
  readonly nodes: readonly Node[]
  readonly places: ReadonlyMap<Node, number>
  /** Where a result is used last on the way forward; its own place when nowhere. */
  lastUse(value: Result): number
  /** Bytes that cross the gap behind each place. */
  readonly crossing: Float64Array
  /** Bytes of results that the way back uses, made behind one place and up to another. */
  stored(after: number, upTo: number): number
}

function wayForward(graph: Graph): WayForward {
  const nodes = liveNodes({
    nodes: graph.nodes,
    outputs: Object.fromEntries(Object.entries(graph.outputs).filter(([name]) => name.startsWith(SCALAR))),
  })
  const places = new Map(nodes.map((node, place) => [node, place]))
  const lastUses = new Map<Value, number>()
  for (const [place, node] of nodes.entries())
    for (const input of node.inputs) lastUses.set(holderOf(input), place)
  const lastUse = (value: Result) => lastUses.get(value) ?? places.get(value.node) ?? 0

  const usedBack = new Set(
    graph.nodes.filter((node) => !places.has(node)).flatMap((node) => node.inputs.map(holderOf)),
  )
  const crossing = new Float64Array(nodes.length + 1)
  const storedUpTo = new Float64Array(nodes.length + 1)
  for (const [place, node] of nodes.entries()) {
    storedUpTo[place + 1] = storedUpTo[place] as number
    for (const output of node.outputs) {
      if (holderOf(output) !== output) continue
      crossing[place] = (crossing[place] as number) + bytesOf(output)
      crossing[lastUse(output)] = (crossing[lastUse(output)] as number) - bytesOf(output)
      if (usedBack.has(output)) storedUpTo[place + 1] = (storedUpTo[place + 1] as number) + bytesOf(output)
    }
  }
  for (let place = 1; place < crossing.length; place++)
    crossing[place] = (crossing[place] as number) + (crossing[place - 1] as number)
  return {
    nodes,
    places,
    lastUse,
    crossing,
    stored: (after, upTo) => (storedUpTo[upTo + 1] as number) - (storedUpTo[after + 1] as number),
  }
}

/**
 * Places to cut behind, so that least is kept while no segment holds more than `most`: shortest way over all
 * places, each a cut that costs what crosses it.
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
  for (let at = before[nodes.length] as number; at > 0; at = before[at] as number) cuts.unshift(at - 1)
  return Number.isFinite(cost[nodes.length]) ? cuts : []
}

/** Makes nodes one after the other. */
function maker() {
  const nodes: Node[] = []
  const make = (
    kernel: string,
    inputs: readonly Value[],
    attributes: Node['attributes'],
    outputs: Node['outputs'],
  ): Node => {
    const node = newNode(kernel, inputs, attributes, outputs)
    nodes.push(node)
    return node
  }
  const one = (
    kernel: string,
    inputs: readonly Value[],
    attributes: Node['attributes'],
    output: Result,
  ): Result => make(kernel, inputs, attributes, [output]).outputs[0] as Result

  /** The same numbers, but not before the gradient is there. */
  function awaiting(value: Result, gradient: Result): Value {
    const ones = gradient.shape.map(() => 1)
    const scalar = { ...gradient, shape: [] }
    const first = one(
      'Slice',
      [gradient],
      { begin: gradient.shape.map(() => 0), size: ones },
      { ...gradient, shape: ones },
    )
    const zero = one(
      'Multiply',
      [ones.length > 0 ? one('Reshape', [first], { shape: [] }, scalar) : first, splat([], 'float32', 0)],
      {},
      scalar,
    )
    return one('Add', [value, zero], {}, value)
  }

  return { nodes, make, awaiting }
}

const isNumber = (value: Value): value is Result =>
  value.kind === 'result' && value.dtype === 'float32' && sizeOf(value.shape) > 0

function cutAt(graph: Graph, { places, lastUse }: WayForward, cuts: readonly number[]): Graph {
  const { nodes, make, awaiting } = maker()
  const segmentAt = (place: number) => cuts.filter((cut) => cut < place).length
  const isForward = (value: Value): value is Result => value.kind === 'result' && places.has(value.node)
  const segmentOf = (value: Result) => segmentAt(places.get(value.node) ?? 0)
  /** Crosses a cut, or is in the last segment: the way back uses it as it is. */
  const isKept = (value: Result) => {
    const holder = holderOf(value)
    return (
      !isForward(holder) ||
      segmentOf(holder) === cuts.length ||
      segmentOf(holder) < segmentAt(lastUse(holder))
    )
  }

  const standsFor = new Map<Value, Value>()
  const gradients = new Map<number, Result | undefined>()
  const waiting = new Map<Value, Map<number, Value>>()
  /**
   * The segment that the way back has come to with a value: the first of those whose results went into it.
   */
  const reached = new Map<Value, number>()
  let front: Result | undefined
  let frontSegment = Infinity

  function reachedWith(value: Value): number {
    if (!isForward(value)) return reached.get(value) ?? Infinity
    return isKept(value) ? segmentAt(lastUse(holderOf(value) as Result)) : segmentOf(value)
  }

  function late(value: Result, segment: number): Value {
    const gradient = gradients.get(segment)
    const known = waiting.get(value)?.get(segment)
    if (known || !gradient || !isNumber(value)) return known ?? value
    const delayed = awaiting(value, gradient)
    waiting.set(value, (waiting.get(value) ?? new Map<number, Value>()).set(segment, delayed))
    return delayed
  }

  /** A result of the way forward, computed again. */
  function again(value: Value, segment: number): Value {
    const known = standsFor.get(value)
    if (known || !isForward(value)) return known ?? value
    if (isKept(value)) return late(value, segment)
    const copy = make(
      value.node.kernel,
      value.node.inputs.map((input) => again(input, segment)),
      value.node.attributes,
      value.node.outputs,
    )
    value.node.outputs.forEach((output, index) => standsFor.set(output, copy.outputs[index] as Value))
    return standsFor.get(value) as Value
  }

  function forTheWayBack(input: Value): Value {
    if (!isForward(input)) return standsFor.get(input) ?? input
    if (isKept(input)) return input
    const segment = segmentOf(input)
    if (!gradients.has(segment)) gradients.set(segment, front)
    return again(input, segment)
  }

  for (const node of graph.nodes) {
    if (places.has(node)) {
      nodes.push(node)
      continue
    }
    const moved = make(node.kernel, node.inputs.map(forTheWayBack), node.attributes, node.outputs)
    const segment = Math.min(...node.inputs.map(reachedWith))
    for (const [index, output] of node.outputs.entries()) {
      const result = moved.outputs[index] as Result
      standsFor.set(output, result)
      reached.set(output, segment)
      if (isNumber(result) && Number.isFinite(segment) && segment <= frontSegment)
        [front, frontSegment] = [result, segment]
    }
  }
  return {
    nodes,
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, standsFor.get(value) ?? value]),
    ),
  }
}
