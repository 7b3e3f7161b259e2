/**
 * A recorded program: what TensorFlow.js asked for, with nothing computed. `trace.ts` makes it, `simplify.ts`
 * shortens it, `lower/` writes it as ONNX.
 */

export type DataType = 'float32' | 'int32' | 'bool'
export type Shape = readonly number[]
export type NumberArray = Float32Array | Int32Array | Uint8Array

/** What a kernel was told beside its tensors; plain data, so that two equal calls can be seen to be equal. */
export type Attributes = Readonly<Record<string, number | boolean | Shape | readonly Shape[]>>

export interface TensorType {
  readonly shape: Shape
  readonly dtype: DataType
}
/** Fed at every run. */
export interface Input extends TensorType {
  readonly kind: 'input'
  readonly name: string
}
/** Known while recording. */
export interface Constant extends TensorType {
  readonly kind: 'constant'
  readonly data: NumberArray
}
/** One number everywhere: kept as that number, however large its shape. */
export interface Splat extends TensorType {
  readonly kind: 'splat'
  readonly value: number
}
/** What a node computes. */
export interface Result extends TensorType {
  readonly kind: 'result'
  readonly node: Node
}
export type Value = Input | Constant | Splat | Result

export interface Node {
  readonly kernel: string
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly outputs: readonly Result[]
}

export interface Graph {
  /** In an order in which they can be computed. */
  readonly nodes: readonly Node[]
  readonly outputs: Readonly<Record<string, Value>>
}

/** A node whose results have these types. */
export function newNode(
  kernel: string,
  inputs: readonly Value[],
  attributes: Attributes,
  types: readonly TensorType[],
): Node {
  const outputs: Result[] = []
  const node: Node = { kernel, inputs, attributes, outputs }
  for (const { shape, dtype } of types) outputs.push({ kind: 'result', node, shape, dtype })
  return node
}

export function splat(shape: Shape, dtype: DataType, value: number): Splat {
  return { kind: 'splat', shape, dtype, value }
}

/** The node's i-th input. @throws when it has none: a bug in the table of kernels */
export function inputOf(
  node: { readonly kernel: string; readonly inputs: readonly Value[] },
  index: number,
): Value {
  const value = node.inputs[index]
  if (!value) throw new Error(`kernel ${node.kernel} has no input ${index}`)
  return value
}

export function areEqualShapes(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis])
}

/** The nodes some output depends on, in their old order. */
export function liveNodes(graph: Graph): Node[] {
  const live = new Set<Node>()
  const waiting = Object.values(graph.outputs).flatMap((value) =>
    value.kind === 'result' ? [value.node] : [],
  )
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (live.has(node)) continue
    live.add(node)
    for (const input of node.inputs) if (input.kind === 'result') waiting.push(input.node)
  }
  return graph.nodes.filter((node) => live.has(node))
}
