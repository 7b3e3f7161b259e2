/**
 * Collects the ONNX nodes and constants of one graph. Names are given here; nobody else makes one up.
 */
import type { FrozenInput, FrozenInputs } from './frozen-inputs'
import {
  inputOf,
  type DataType,
  type Input,
  type Node,
  type NumberArray,
  type Result,
  type Shape,
  type Splat,
  type Value,
} from '../graph/graph'
import type { ElementType, OnnxNode, OnnxTensor, OnnxValue } from './onnx'
import { sizeOf } from '../parameters'
import { addsInOrder, hasOperator, isPrecise, movesBools, slicesIntegers, type Target } from './target'

export interface Emitter {
  readonly target: Target
  /** Of the session that will run the model. */
  readonly threads: number
  /** Has the target a kernel for this operator, so that it does not fall back to the CPU? */
  has(operator: string): boolean
  /** Has the target's kernel for this operator the digits of the others? */
  isPrecise(operator: string): boolean
  readonly movesBools: boolean
  readonly slicesIntegers: boolean
  /** May sums by repeated indices be left to ScatterElements? */
  readonly addsInOrder: boolean
  /** The ONNX name that holds a value; emits what it takes to hold it. */
  name(value: Value): string
  /** What stands for a value in this model, where it is an input of the program and none of the model. */
  frozen(value: Value): FrozenInput | undefined
  /** The ONNX name of a node's i-th input. */
  input(node: Node, index: number): string
  /** Emits one node with one output. */
  node(op: string, inputs: readonly string[], attributes?: OnnxNode['attributes'], domain?: string): string
  /** Emits one node with several outputs. */
  nodes(
    op: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: OnnxNode['attributes'],
    domain?: string,
  ): readonly string[]
  /** A constant scalar. */
  scalar(dtype: DataType, value: number): string
  /** A constant int64 vector: how ONNX takes shapes, axes and sizes. */
  integers(values: readonly number[]): string
  constant(type: ElementType, shape: Shape, data: OnnxTensor['data']): string
  /** The same as an input that is given once: ONNX Runtime copies constants when it opens a model. */
  kept(type: ElementType, shape: Shape, data: OnnxTensor['data']): string
  /** Says which ONNX name holds a result. */
  bind(result: Result, name: string): void
  /** Everything so far. */
  readonly written: {
    readonly nodes: readonly OnnxNode[]
    readonly constants: readonly OnnxTensor[]
    readonly inputs: readonly OnnxValue[]
    /** What some of the inputs are, as long as the model is open. */
    readonly kept: readonly OnnxTensor[]
  }
}

/** Splats up to this size are written out; larger ones are expanded when they run. */
const LARGEST_WRITTEN_SPLAT = 64
/** Constants up to this length are shared when they are equal, longer ones when they are the same array. */
const LONGEST_COMPARED_CONSTANT = 64

export function arrayOf(dtype: DataType, values: ArrayLike<number>): NumberArray {
  if (dtype === 'float32') return Float32Array.from(values)
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values)
}

/** @param frozen inputs that are constants after all, by name */
export function createEmitter(frozen: FrozenInputs, target: Target, threads: number): Emitter {
  const nodes: OnnxNode[] = []
  const inputs: OnnxValue[] = []
  const names = new Map<Value, string>()
  const { constants, constant } = constantPool('constant')
  const { kept, keep } = keptInputs(inputs)
  const emit: Emitter = {
    target,
    threads,
    ...abilitiesOf(target),
    name(value) {
      const name = names.get(value) ?? (value.kind === 'input' ? inputName(value) : holding(emit, value))
      names.set(value, name)
      return name
    },
    frozen: (value) => (value.kind === 'input' ? frozen.get(value.name) : undefined),
    input: (node, index) => emit.name(inputOf(node, index)),
    node: (op, from, attributes = {}, domain = '') => emit.nodes(op, from, 1, attributes, domain)[0] ?? op,
    nodes(op, from, count, attributes = {}, domain = '') {
      const outputs = outputNames(`${op}_${nodes.length}`, count)
      nodes.push({ op, domain, inputs: from, outputs, attributes })
      return outputs
    },
    scalar: (dtype, value) => constant(dtype, [], arrayOf(dtype, [value])),
    integers: (values) => constant('int64', [values.length], BigInt64Array.from(values, BigInt)),
    constant,
    kept: keep,
    bind: (result, name) => void names.set(result, name),
    written: { nodes, constants, inputs, kept },
  }

  function inputName(value: Input): string {
    const builtIn = emit.frozen(value)
    if (builtIn) return constant(value.dtype, value.shape, builtIn.data)
    const name = `in.${value.name}`
    inputs.push({ name, type: value.dtype, shape: value.shape })
    return name
  }
  return emit
}

const outputNames = (node: string, count: number): readonly string[] =>
  count === 1 ? [node] : Array.from({ length: count }, (_, index) => `${node}_${index}`)

const abilitiesOf = (target: Target) => ({
  has: (operator: string) => hasOperator(target, operator),
  isPrecise: (operator: string) => isPrecise(target, operator),
  movesBools: movesBools(target),
  slicesIntegers: slicesIntegers(target),
  addsInOrder: addsInOrder(target),
})

/** What is no input: emits what it takes to hold it. */
function holding(emit: Emitter, value: Exclude<Value, Input>): string {
  switch (value.kind) {
    case 'constant':
      return emit.constant(value.dtype, value.shape, value.data)
    case 'splat':
      return everywhere(emit, value)
    case 'result':
      // A broadcast is left out until somebody needs it in full.
      if (value.node.kernel === 'BroadcastTo')
        return emit.node('Expand', [emit.input(value.node, 0), emit.integers(value.shape)])
      throw new Error(`kernel ${value.node.kernel} is used before it is lowered`)
  }
}

function everywhere(emit: Emitter, { dtype, shape, value }: Splat): string {
  const size = sizeOf(shape)
  if (size <= LARGEST_WRITTEN_SPLAT)
    return emit.constant(dtype, shape, arrayOf(dtype, new Array<number>(size).fill(value)))
  return emit.node('Expand', [emit.scalar(dtype, value), emit.integers(shape)])
}

/** What is given once, each an input. @param inputs are added to */
function keptInputs(inputs: OnnxValue[]): {
  readonly kept: readonly OnnxTensor[]
  readonly keep: Emitter['kept']
} {
  const { constants: kept, constant } = constantPool('kept')
  return {
    kept,
    keep(type, shape, data) {
      const known = kept.length
      const name = constant(type, shape, data)
      if (kept.length > known) inputs.push({ name, type, shape })
      return name
    },
  }
}

/** The constants of a model, each once. */
function constantPool(word: string): {
  readonly constants: OnnxTensor[]
  readonly constant: Emitter['constant']
} {
  const constants: OnnxTensor[] = []
  const names = new Map<string, string>()
  const arrays = new Map<OnnxTensor['data'], number>()
  function numberOf(array: OnnxTensor['data']): number {
    if (!arrays.has(array)) arrays.set(array, arrays.size)
    return arrays.get(array) ?? arrays.size
  }
  const contentOf = (data: OnnxTensor['data']): string =>
    data.length <= LONGEST_COMPARED_CONSTANT
      ? Array.from<number | bigint, string>(data, keyOf).join()
      : `array ${numberOf(data)}`
  return {
    constants,
    constant(type, shape, data) {
      const key = `${type} ${shape.join('x')} ${contentOf(data)}`
      const name = names.get(key) ?? `${word}_${constants.length}`
      if (!names.has(key)) constants.push({ name, type, shape, data })
      names.set(key, name)
      return name
    },
  }
}

/** −0 and 0 are different constants. */
function keyOf(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
