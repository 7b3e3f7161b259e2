/**
 * The shape of the table of kernels. Each TensorFlow.js kernel a program may use has one row: how its call is
 * recorded, and how the recorded node is lowered.
 */
import {
  newNode,
  type Attributes,
  type DataType,
  type Node,
  type Shape,
  type TensorType,
  type Value,
} from '../graph/graph'
import * as tf from '../tf'
import { resultsOfNothing } from './empty'
import type { Emitter } from './emitter'

/** A kernel call as TensorFlow.js makes it while recording. */
export interface Call {
  readonly kernel: string
  /** In the order of the call; a list (AddN, Concat) keeps its order. */
  readonly inputs: readonly Value[]
  /** One input by TensorFlow.js's name for it. @throws when the call has none */
  input(name: string): Value
  /** As TensorFlow.js gives them: not yet checked, not yet normalised. */
  readonly attributes: Readonly<Record<string, unknown>>
}

/**
 * Appends a node to the recording.
 * @returns its results, or what stands for them when there are no numbers in it
 */
export type Append = (
  kernel: string,
  inputs: readonly Value[],
  attributes: Attributes,
  ...types: readonly TensorType[]
) => readonly Value[]

export interface Row {
  /** What the call gives: an old value, or one of new nodes. */
  readonly record: (call: Call, append: Append) => Value | readonly Value[]
  /** The ONNX names of the node's outputs. Missing where `record` leaves no node of this kernel's name. */
  readonly lower?: (node: Node, emit: Emitter) => string | readonly string[]
}
export type Table = Readonly<Record<string, Row>>

/** Appends a node with one result. */
export function appendOne(
  append: Append,
  kernel: string,
  inputs: readonly Value[],
  attributes: Attributes,
  type: TensorType,
): Value {
  const [result] = append(kernel, inputs, attributes, type)
  if (!result) throw new Error(`kernel ${kernel} was recorded without a result`)
  return result
}

/** Appends to a list of nodes. */
export function appendTo(nodes: Node[]): Append {
  return (kernel, inputs, attributes, ...types) => {
    const nothing = resultsOfNothing(kernel, inputs, attributes, types)
    if (nothing) return nothing
    const node = newNode(kernel, inputs, attributes, types)
    nodes.push(node)
    return node.outputs
  }
}

export function castTo(append: Append, value: Value, dtype: DataType): Value {
  return value.dtype === dtype
    ? value
    : appendOne(append, 'Cast', [value], { to: dtypeCode[dtype] }, { shape: value.shape, dtype })
}

/** Attributes are numbers; these stand for the types. */
export const dtypeCode: Readonly<Record<DataType, number>> = { float32: 0, int32: 1, bool: 2 }

/** Axes as numbers from 0, in rising order. */
export function axesOf(axis: unknown, shape: Shape): readonly number[] {
  return tf.util.parseAxisParam(axis as number | number[], [...shape]).sort((a, b) => a - b)
}

export function axisOf(axis: unknown, shape: Shape): number {
  const [only] = axesOf(axis, shape)
  if (only === undefined) throw new Error('an axis is missing')
  return only
}

/** The shape two operands broadcast to. @throws when they do not */
export function broadcastShape(a: Shape, b: Shape): Shape {
  return tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b])
}

/** The length of one axis. @throws when there is no such axis */
export function lengthAt(shape: Shape, axis: number): number {
  const length = shape.at(axis)
  if (length === undefined) throw new Error(`shape [${shape.join(', ')}] has no axis ${axis}`)
  return length
}
