/**
 * Algebra on drafts of nodes: what a node can be replaced by. Rules never guess at numbers: x·0 stays,
 * because x may not be finite.
 */
import {
  areEqualShapes,
  inputOf,
  splat,
  type Attributes,
  type Constant,
  type Shape,
  type Splat,
  type TensorType,
  type Value,
} from './graph'
import { unaryKernels } from './elementwise'
import { sizeOf } from '../parameters'

/** A node that may not need to be. */
export interface Draft {
  readonly kernel: string
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly outputs: readonly TensorType[]
}
/** Simplifies the draft in its turn. */
export type Make = (draft: Draft) => readonly Value[]

/** @returns the value that stands for the draft's only output, or undefined when the draft stays */
type Rule = (draft: Draft, make: Make) => Value | undefined

function outputOf(draft: Draft): TensorType {
  const [output] = draft.outputs
  if (!output) throw new Error(`kernel ${draft.kernel} has no output`)
  return output
}

function only(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined
}

function isSplat(value: Value, number: number): boolean {
  return value.kind === 'splat' && value.value === number
}

/** The value itself, or a broadcast of it. */
function broadcast(value: Value, to: TensorType, make: Make): Value | undefined {
  if (areEqualShapes(value.shape, to.shape)) return value
  if (value.kind === 'splat') return splat(to.shape, value.dtype, value.value)
  if (sizeOf(value.shape) === sizeOf(to.shape)) return reshape(value, to.shape, make)
  return only(
    make({ kernel: 'BroadcastTo', inputs: [value], attributes: { shape: to.shape }, outputs: [to] }),
  )
}

function reshape(value: Value, shape: Shape, make: Make): Value | undefined {
  return only(
    make({
      kernel: 'Reshape',
      inputs: [value],
      attributes: { shape },
      outputs: [{ shape, dtype: value.dtype }],
    }),
  )
}

function broadcastSource(value: Value): Value | undefined {
  return value.kind === 'result' && value.node.kernel === 'BroadcastTo' ? value.node.inputs[0] : undefined
}

/** Two numbers known while recording. */
function folded(draft: Draft, compute: (a: number, b: number) => number): Splat | undefined {
  const a = inputOf(draft, 0)
  const b = inputOf(draft, 1)
  const output = outputOf(draft)
  if (a.kind !== 'splat' || b.kind !== 'splat' || output.dtype !== 'float32') return undefined
  return splat(output.shape, 'float32', Math.fround(compute(a.value, b.value)))
}

/** broadcast(p) ∘ c = broadcast(p ∘ c) for one number c on either side. */
function beforeBroadcast(draft: Draft, make: Make): Value | undefined {
  const output = outputOf(draft)
  const inner = draft.inputs.map((value) =>
    value.kind === 'splat' ? splat([], value.dtype, value.value) : broadcastSource(value),
  )
  const sources = inner.flatMap((value) => (value && value.kind !== 'splat' ? [value] : []))
  const [source] = sources
  if (!source || sources.length > 1 || inner.includes(undefined)) return undefined
  const wide = draft.inputs.find((value) => broadcastSource(value))
  if (!wide || !areEqualShapes(wide.shape, output.shape)) return undefined
  const small = only(
    make({
      ...draft,
      inputs: inner.flatMap((value) => value ?? []),
      outputs: [{ shape: source.shape, dtype: output.dtype }],
    }),
  )
  return small && broadcast(small, output, make)
}

const add: Rule = (draft, make) => {
  const [a, b] = [inputOf(draft, 0), inputOf(draft, 1)]
  if (isSplat(b, 0)) return broadcast(a, outputOf(draft), make)
  if (isSplat(a, 0)) return broadcast(b, outputOf(draft), make)
  return folded(draft, (x, y) => x + y) ?? beforeBroadcast(draft, make)
}
const subtract: Rule = (draft, make) =>
  isSplat(inputOf(draft, 1), 0)
    ? broadcast(inputOf(draft, 0), outputOf(draft), make)
    : (folded(draft, (x, y) => x - y) ?? beforeBroadcast(draft, make))

const multiply: Rule = (draft, make) => {
  const [a, b] = [inputOf(draft, 0), inputOf(draft, 1)]
  if (isSplat(b, 1)) return broadcast(a, outputOf(draft), make)
  if (isSplat(a, 1)) return broadcast(b, outputOf(draft), make)
  return folded(draft, (x, y) => x * y) ?? beforeBroadcast(draft, make)
}
const divide: Rule = (draft, make) =>
  isSplat(inputOf(draft, 1), 1)
    ? broadcast(inputOf(draft, 0), outputOf(draft), make)
    : (folded(draft, (x, y) => x / y) ?? beforeBroadcast(draft, make))

/** The sum of what is not zero. */
const addAll: Rule = (draft, make) => {
  const terms = draft.inputs.filter((value) => !isSplat(value, 0))
  const [first, second] = terms
  if (!first) return draft.inputs[0]
  if (!second) return first
  if (terms.length === 2)
    return only(make({ kernel: 'Add', inputs: [first, second], attributes: {}, outputs: draft.outputs }))
  return terms.length < draft.inputs.length ? only(make({ ...draft, inputs: terms })) : undefined
}

/** Moving one number about changes nothing but the shape. */
const moved: Rule = (draft) => {
  const x = inputOf(draft, 0)
  const output = outputOf(draft)
  return x.kind === 'splat' && draft.outputs.length === 1
    ? splat(output.shape, output.dtype, x.value)
    : undefined
}

const reshaped: Rule = (draft, make) => {
  const x = inputOf(draft, 0)
  const { shape } = outputOf(draft)
  if (areEqualShapes(x.shape, shape)) return x
  if (x.kind === 'splat') return splat(shape, x.dtype, x.value)
  if (x.kind === 'constant') return { ...x, shape } satisfies Constant
  return x.kind === 'result' && x.node.kernel === 'Reshape'
    ? reshape(inputOf(x.node, 0), shape, make)
    : undefined
}

const transposed: Rule = (draft, make) => {
  const x = inputOf(draft, 0)
  const order = draft.attributes['order'] as Shape
  const output = outputOf(draft)
  if (order.every((axis, index) => axis === index)) return x
  if (x.kind === 'splat') return splat(output.shape, x.dtype, x.value)
  if (x.kind !== 'result' || x.node.kernel !== 'Transpose') return undefined
  const inner = x.node.attributes['order'] as Shape
  return only(
    make({
      ...draft,
      inputs: [inputOf(x.node, 0)],
      attributes: { order: order.map((axis) => inner[axis] ?? 0) },
    }),
  )
}

const broadcasted: Rule = (draft, make) => {
  const x = inputOf(draft, 0)
  const output = outputOf(draft)
  if (areEqualShapes(x.shape, output.shape) || x.kind === 'splat') return broadcast(x, output, make)
  const source = broadcastSource(x)
  return source && broadcast(source, output, make)
}

const converted: Rule = (draft) => {
  const x = inputOf(draft, 0)
  const output = outputOf(draft)
  if (x.kind !== 'splat') return undefined
  const value =
    output.dtype === 'bool' ? Number(x.value !== 0) : output.dtype === 'int32' ? Math.trunc(x.value) : x.value
  return splat(output.shape, output.dtype, value)
}

const negated: Rule = (draft, make) => {
  const x = inputOf(draft, 0)
  return x.kind === 'splat' ? splat(x.shape, x.dtype, -x.value) : beforeBroadcast(draft, make)
}

export const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [...unaryKernels, 'Maximum', 'Minimum', 'Pow'].map((kernel) => [kernel, beforeBroadcast]),
  ),
  Neg: negated,
  Add: add,
  Sub: subtract,
  Multiply: multiply,
  RealDiv: divide,
  AddN: addAll,
  Reshape: reshaped,
  Transpose: transposed,
  BroadcastTo: broadcasted,
  Tile: moved,
  Slice: moved,
  Cast: converted,
}
