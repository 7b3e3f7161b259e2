/**
 * Writes a recorded graph as an ONNX model.
 */
import { liveBytes } from '../graph/footprint'
import type { FrozenInputs } from './frozen-inputs'
import type { Graph, TensorType, Value } from '../graph/graph'
import type { OnnxGraph, OnnxTensor, OnnxValue } from './onnx'
import { cast } from './expressions'
import { createEmitter, type Emitter } from './emitter'
import { leavesLast } from './order'
import { table } from './table'
import type { Target } from './target'
import { withWeightsWrittenOut } from './written-out'

export interface LoweredModel {
  readonly graph: OnnxGraph
  /** The program's inputs that matter, by the program's names → the model's. */
  readonly inputs: ReadonlyMap<string, string>
  /** The same for its outputs. */
  readonly outputs: ReadonlyMap<string, string>
  /** Shapes and types in which the outputs come, by the program's names; booleans come as int32. */
  readonly outputTypes: ReadonlyMap<string, TensorType>
  /** Most bytes that its results need at once while it runs. */
  readonly liveBytes: number
  /** Further inputs by the model's names: they are given once, and stay as they are while the model is open. */
  readonly kept: readonly OnnxTensor[]
}

const INPUT_PREFIX = 'in.'

export interface Lowering {
  /** Inputs that are constants in this model, by name: they are built into it. */
  readonly frozen?: FrozenInputs
  readonly target?: Target
  /** Of the session that will run it; two unless told. */
  readonly threads?: number
}

export function lower(
  recorded: Graph,
  { frozen = new Map(), target = 'cpu', threads = 2 }: Lowering = {},
): LoweredModel {
  const graph = withWeightsWrittenOut(recorded, frozen)
  const emit = createEmitter(frozen, target, threads)
  for (const node of graph.nodes) {
    if (node.kernel === 'BroadcastTo') continue // emitted where it is needed in full
    const row = table[node.kernel]
    if (!row?.lower) throw new Error(`kernel ${node.kernel} has no lowering`)
    const names = [row.lower(node, emit)].flat()
    node.outputs.forEach((result, index) => emit.bind(result, names[index] ?? ''))
  }
  const free = new Set(emit.written.nodes.flatMap((node) => node.outputs))
  const values = Object.entries(graph.outputs)
  const outputs = values.map(([name, value]) => [name, outputOf(emit, value, free)] as const)
  const { kept, ...written } = emit.written
  const onnx = {
    ...written,
    nodes: leavesLast(emit.written.nodes),
    outputs: outputs.map(([, output]) => output),
  }
  return {
    graph: onnx,
    inputs: new Map(
      onnx.inputs
        .filter(({ name }) => name.startsWith(INPUT_PREFIX))
        .map(({ name }) => [name.slice(INPUT_PREFIX.length), name]),
    ),
    outputs: new Map(outputs.map(([name, output]) => [name, output.name])),
    outputTypes: new Map(
      values.map(([name, { shape, dtype }]) => [name, { shape, dtype: dtype === 'bool' ? 'int32' : dtype }]),
    ),
    liveBytes: liveBytes(graph),
    kept,
  }
}

/**
 * A name of its own for every output, as a copy where the value is an input, a constant or another output;
 * booleans leave as int32.
 * @param free names of what nodes compute and no output has taken yet
 */
function outputOf(emit: Emitter, value: Value, free: Set<string>): OnnxValue {
  const name = emit.name(value)
  const own =
    value.dtype === 'bool'
      ? cast(emit, name, 'int32')
      : free.delete(name)
        ? name
        : emit.node('Identity', [name])
  return { name: own, type: value.dtype === 'bool' ? 'int32' : value.dtype, shape: value.shape }
}
