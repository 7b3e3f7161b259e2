/**
 * The numbers of an update in one vector, so that one short copy brings them from a device: the program's
 * scalars, and the sum of squares of each gradient.
 */
import { newNode, type Graph, type Node, type Shape, type Value } from '../graph/graph'
import { GRADIENT, namesUnder, SCALAR } from '../recording/graphs'
import { dtypeCode } from '../lower/row'

export const REPORT = 'report'

export interface ReportingGraph {
  /** Its outputs are the gradients and the report. */
  readonly graph: Graph
  /** What the numbers of the report are: outputs of the graph by their names. */
  readonly names: readonly string[]
}

export function withReport(graph: Graph): ReportingGraph {
  const nodes: Node[] = [...graph.nodes]
  const make = appendingTo(nodes)
  const asFloat = (x: Value) =>
    x.dtype === 'float32' ? x : make('Cast', [x], { to: dtypeCode.float32 }, x.shape)
  const asVector = (x: Value) => make('Reshape', [x], { shape: [1] }, [1])
  const outputs = Object.entries(graph.outputs)
  const gradients = outputs.filter(([name]) => name.startsWith(GRADIENT))
  const scalars = outputs.filter(([name]) => name.startsWith(SCALAR))
  const parts = [
    ...scalars.map(([, scalar]) => asFloat(scalar)),
    ...gradients.map(([, gradient]) => sumOfSquares(gradient, make)),
  ].map(asVector)
  const report = parts.length === 1 ? (parts[0] as Value) : make('Concat', parts, { axis: 0 }, [parts.length])
  return {
    graph: { nodes, outputs: { ...Object.fromEntries(gradients), [REPORT]: report } },
    names: [...scalars, ...gradients].map(([name]) => name),
  }
}

/** Makes a node of one float32 result. */
type Make = (kernel: string, inputs: readonly Value[], attributes: Node['attributes'], shape: Shape) => Value

function appendingTo(nodes: Node[]): Make {
  return (kernel, inputs, attributes, shape) => {
    const node = newNode(kernel, inputs, attributes, [{ shape, dtype: 'float32' }])
    nodes.push(node)
    return node.outputs[0] as Value
  }
}

/** Rows first: a device gives each of them to another of its cores. */
function sumOfSquares(x: Value, make: Make): Value {
  const sum = (terms: Value, axes: Shape, shape: Shape) =>
    make('Sum', [terms], { axes, keepDims: false }, shape)
  const squares = make('Square', [x], {}, x.shape)
  const rank = x.shape.length
  const rows = rank > 1 ? sum(squares, [rank - 1], x.shape.slice(0, -1)) : squares
  const axes = rows.shape.map((_, axis) => axis)
  return axes.length > 0 ? sum(rows, axes, []) : rows
}

/** Takes a report apart. */
export function readReport(
  names: readonly string[],
  report: ArrayLike<number>,
): { readonly scalars: Readonly<Record<string, number>>; readonly gradientNorm: number } {
  const values = new Map(names.map((name, index) => [name, report[index] ?? NaN]))
  const squares = namesUnder(GRADIENT, names).reduce(
    (sum, name) => sum + (values.get(GRADIENT + name) ?? NaN),
    0,
  )
  return {
    scalars: Object.fromEntries(
      namesUnder(SCALAR, names).map((name) => [name, values.get(SCALAR + name) ?? NaN]),
    ),
    gradientNorm: Math.sqrt(squares),
  }
}
