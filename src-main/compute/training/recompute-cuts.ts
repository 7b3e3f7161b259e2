/**
 * A training graph, cut: what lies between the cuts of its way forward is computed again where the way back
 * first asks for it, once a gradient has come so far (`recompute.ts` says why, and where to cut).
 */
import { holderOf } from '../graph/footprint'
import { newNode, splat, type Graph, type Node, type Result, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'

/** Where the nodes of a graph's way forward stand in it, and where their results are used last there. */
export interface Forward {
  readonly indexes: ReadonlyMap<Node, number>
  /** Its own index when it is used nowhere on the way forward. */
  lastUse(value: Result): number
}

/** @param cuts behind which nodes of the way forward, rising */
export function cutAt(graph: Graph, forward: Forward, cuts: readonly number[]): Graph {
  const { nodes, make, awaiting } = maker()
  const segments = segmentsOf(forward, cuts)
  const front = frontOf(segments)
  const copies = copiesOf(segments, front, { make, awaiting })
  for (const node of graph.nodes) {
    if (forward.indexes.has(node)) {
      nodes.push(node)
      continue
    }
    const moved = make(node.kernel, node.inputs.map(copies.forTheWayBack), node.attributes, node.outputs)
    const segment = Math.min(...node.inputs.map(front.reachedWith))
    for (const [index, output] of node.outputs.entries()) {
      const result = moved.outputs[index] as Result
      copies.standsFor.set(output, result)
      front.reach(output, result, segment)
    }
  }
  return {
    nodes,
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, copies.standsFor.get(value) ?? value]),
    ),
  }
}

/** The way forward in segments, numbered from its start. */
interface Segments {
  isForward(value: Value): value is Result
  /** The segment a result is made in. */
  segmentOf(value: Result): number
  /** The segment its numbers are used in last. */
  lastSegmentOf(value: Result): number
  /** Crosses a cut, or is in the last segment: the way back uses it as it is. */
  isKept(value: Result): boolean
}

function segmentsOf({ indexes, lastUse }: Forward, cuts: readonly number[]): Segments {
  const segmentAt = (index: number) => cuts.filter((cut) => cut < index).length
  const isForward = (value: Value): value is Result => value.kind === 'result' && indexes.has(value.node)
  const segmentOf = (value: Result) => segmentAt(indexes.get(value.node) ?? 0)
  return {
    isForward,
    segmentOf,
    lastSegmentOf: (value) => segmentAt(lastUse(holderOf(value) as Result)),
    isKept(value) {
      const holder = holderOf(value)
      return (
        !isForward(holder) ||
        segmentOf(holder) === cuts.length ||
        segmentOf(holder) < segmentAt(lastUse(holder))
      )
    },
  }
}

/** How far the way back has come. */
interface Front {
  /** A gradient that is there once the way back has come so far; none at its start. */
  gradient(): Result | undefined
  /**
   * The segment that the way back has come to with a value: the first of those whose results went into it.
   */
  readonly reachedWith: (value: Value) => number
  /** @param result what stands for `output`, made of values of that segment and later ones */
  reach(output: Value, result: Result, segment: number): void
}

function frontOf({ isForward, isKept, segmentOf, lastSegmentOf }: Segments): Front {
  const reached = new Map<Value, number>()
  let gradient: Result | undefined
  let nearest = Infinity
  return {
    gradient: () => gradient,
    reachedWith(value) {
      if (!isForward(value)) return reached.get(value) ?? Infinity
      return isKept(value) ? lastSegmentOf(value) : segmentOf(value)
    },
    reach(output, result, segment) {
      reached.set(output, segment)
      if (!isNumber(result) || !Number.isFinite(segment) || segment > nearest) return
      gradient = result
      nearest = segment
    },
  }
}

/** What the way back uses instead of results that are not kept. */
function copiesOf(
  { isForward, isKept, segmentOf }: Segments,
  front: Front,
  { make, awaiting }: Pick<Maker, 'make' | 'awaiting'>,
) {
  const standsFor = new Map<Value, Value>()
  /** By segment: the gradient that was there when the way back first asked for a result of it. */
  const gradients = new Map<number, Result | undefined>()
  const waiting = new Map<Value, Map<number, Value>>()

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
    const { kernel, inputs, attributes, outputs } = value.node
    const copy = make(
      kernel,
      inputs.map((input) => again(input, segment)),
      attributes,
      outputs,
    )
    outputs.forEach((output, index) => standsFor.set(output, copy.outputs[index] as Value))
    return standsFor.get(value) as Value
  }

  function forTheWayBack(input: Value): Value {
    if (!isForward(input)) return standsFor.get(input) ?? input
    if (isKept(input)) return input
    const segment = segmentOf(input)
    if (!gradients.has(segment)) gradients.set(segment, front.gradient())
    return again(input, segment)
  }

  return { standsFor, forTheWayBack }
}

type Maker = ReturnType<typeof maker>

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
