/**
 * Gradients of tables whose rows were looked up, such as embeddings. A batch touches few rows; as a sum by
 * index over the whole table the graph would write, copy and add the table's size. So those rows leave the
 * graph as they are, and the host adds each to its place, in their order.
 */
import type { Batch, HostTensor } from '../engine'
import { liveNodes, newNode, splat, type Graph, type Node, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'
import type { Session } from '../session'

/** Rows that belong on top of a dense output, by the names of outputs. */
interface Rows {
  /** The sum of all else. */
  readonly output: string
  /** int32, one a row */
  readonly ids: string
  /** [..., width], one row an id */
  readonly values: string
}

export interface SplitGraph {
  readonly graph: Graph
  readonly rows: readonly Rows[]
}

/** Takes the sums by index out of sums that are outputs. @param isSplit which outputs, by name */
export function withoutRowSums(graph: Graph, isSplit: (output: string) => boolean): SplitGraph {
  const nodes = [...graph.nodes]
  const rows: Rows[] = []
  const outputs: Record<string, Value> = {}
  for (const [output, value] of Object.entries(graph.outputs)) {
    const terms = isSplit(output) ? termsOf(value) : [value]
    outputs[output] = value
    if (!terms.some(isRowSum)) continue
    outputs[output] = sumOf(
      nodes,
      value,
      terms.filter((term) => !isRowSum(term)),
    )
    for (const [index, { node }] of terms.filter(isRowSum).entries()) {
      const names = { output, ids: `${output}/ids/${index}`, values: `${output}/rows/${index}` }
      rows.push(names)
      Object.assign(outputs, { [names.values]: node.inputs[0], [names.ids]: node.inputs[1] })
    }
  }
  return { graph: { nodes: liveNodes({ nodes, outputs }), outputs }, rows }
}

type RowSum = Extract<Value, { readonly kind: 'result' }>

function isRowSum(value: Value): value is RowSum {
  return value.kind === 'result' && value.node.kernel === 'UnsortedSegmentSum'
}

/** What a sum is of; everything else is the sum of itself. */
function termsOf(value: Value): readonly Value[] {
  if (value.kind !== 'result' || (value.node.kernel !== 'Add' && value.node.kernel !== 'AddN')) return [value]
  const size = sizeOf(value.shape)
  return value.node.inputs.every((input) => sizeOf(input.shape) === size)
    ? value.node.inputs.flatMap(termsOf)
    : [value]
}

function sumOf(nodes: Node[], total: Value, terms: readonly Value[]): Value {
  const [first, ...others] = terms
  if (!first) return splat(total.shape, total.dtype, 0)
  if (others.length === 0) return first
  const node = newNode('AddN', terms, {}, [{ shape: total.shape, dtype: total.dtype }])
  nodes.push(node)
  return node.outputs[0] ?? first
}

/** A session whose outputs are whole again. @param session of the graph without the row sums */
export function addingRows(session: Session, rows: readonly Rows[]): Session {
  if (rows.length === 0) return session
  const extra = new Set(rows.flatMap(({ ids, values }) => [ids, values]))
  /** Arrays for the rows, made by the first run. */
  let room: Batch = {}
  return {
    ...session,
    outputs: session.outputs.filter((name) => !extra.has(name)),
    ready(feeds, into) {
      const run = session.ready(feeds, { ...into, ...room })
      return {
        ...run,
        results() {
          const results = run.results()
          for (const { output, ids, values } of rows)
            addRows(results[output] as HostTensor, results[ids] as HostTensor, results[values] as HostTensor)
          room = Object.fromEntries([...extra].map((name) => [name, results[name] as HostTensor]))
          return Object.fromEntries(Object.entries(results).filter(([name]) => !extra.has(name)))
        },
      }
    },
  }
}

/** table[ids[i]] += values[i]; an id that is no row of the table adds nothing, as in TensorFlow.js. */
function addRows(table: HostTensor, ids: HostTensor, values: HostTensor): void {
  const [count = 0] = table.shape
  const width = table.data.length / count
  const into = table.data
  const from = values.data
  for (let row = 0; row < ids.data.length; row++) {
    const id = ids.data[row]!
    if (id < 0 || id >= count) continue
    for (let to = id * width, at = row * width; to < (id + 1) * width; to++, at++) into[to]! += from[at]!
  }
}
