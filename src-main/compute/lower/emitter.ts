/**
 * Collects the ONNX nodes and constants of one graph. Names are given here; nobody else makes one up.
 */
import type { FrozenInput, FrozenInputs } from './frozen-inputs'
import {
  inputOf,
  type DataType,
  type Node,
  type NumberArray,
  type Result,
  type Shape,
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
  of(value: Value): string
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
  /** Says which ONNX name holds a result. */
  bind(result: Result, name: string): void
  /** Everything so far. */
  readonly written: {
    readonly nodes: readonly OnnxNode[]
    readonly constants: readonly OnnxTensor[]
    readonly inputs: readonly OnnxValue[]
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
  const constants: OnnxTensor[] = []
  const inputs: OnnxValue[] = []
  const names = new Map<Value, string>()
  const shared = new Map<string, string>()
  const arrays = new Map<OnnxTensor['data'], number>()
  function numberOf(array: OnnxTensor['data']): number {
    if (!arrays.has(array)) arrays.set(array, arrays.size)
    return arrays.get(array) ?? arrays.size
  }

  const emit: Emitter = {
    target,
    threads,
    has: (operator) => hasOperator(target, operator),
    isPrecise: (operator) => isPrecise(target, operator),
    movesBools: movesBools(target),
    slicesIntegers: slicesIntegers(target),
    addsInOrder: addsInOrder(target),
    of(value) {
      const held = names.get(value)
      if (held !== undefined) return held
      const name = hold(value)
      names.set(value, name)
      return name
    },
    frozen: (value) => (value.kind === 'input' ? frozen.get(value.name) : undefined),
    input: (node, index) => emit.of(inputOf(node, index)),
    node: (op, from, attributes = {}, domain = '') => emit.nodes(op, from, 1, attributes, domain)[0] ?? op,
    nodes(op, from, count, attributes = {}, domain = '') {
      const outputs = Array.from(
        { length: count },
        (_, index) => `${op}_${nodes.length}${count > 1 ? `_${index}` : ''}`,
      )
      nodes.push({ op, domain, inputs: from, outputs, attributes })
      return outputs
    },
    scalar: (dtype, value) => emit.constant(dtype, [], arrayOf(dtype, [value])),
    integers: (values) => emit.constant('int64', [values.length], BigInt64Array.from(values, BigInt)),
    constant(type, shape, data) {
      const key =
        `${type} ${shape.join('x')} ` +
        `${data.length <= LONGEST_COMPARED_CONSTANT ? Array.from<number | bigint, string>(data, keyOf).join() : `array ${numberOf(data)}`}`
      const name = shared.get(key) ?? `constant_${constants.length}`
      if (!shared.has(key)) constants.push({ name, type, shape, data })
      shared.set(key, name)
      return name
    },
    bind: (result, name) => {
      names.set(result, name)
    },
    written: { nodes, constants, inputs },
  }

  function hold(value: Value): string {
    switch (value.kind) {
      case 'input': {
        const constant = emit.frozen(value)
        if (constant) return emit.constant(value.dtype, value.shape, constant.data)
        const name = `in.${value.name}`
        inputs.push({ name, type: value.dtype, shape: value.shape })
        return name
      }
      case 'constant':
        return emit.constant(value.dtype, value.shape, value.data)
      case 'splat': {
        const size = sizeOf(value.shape)
        if (size <= LARGEST_WRITTEN_SPLAT)
          return emit.constant(
            value.dtype,
            value.shape,
            arrayOf(value.dtype, new Array<number>(size).fill(value.value)),
          )
        return emit.node('Expand', [emit.scalar(value.dtype, value.value), emit.integers(value.shape)])
      }
      case 'result': {
        // A broadcast is left out until somebody needs it in full.
        if (value.node.kernel === 'BroadcastTo')
          return emit.node('Expand', [emit.input(value.node, 0), emit.integers(value.shape)])
        throw new Error(`kernel ${value.node.kernel} is used before it is lowered`)
      }
    }
  }
  return emit
}

/** −0 and 0 are different constants. */
function keyOf(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
