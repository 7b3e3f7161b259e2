/**
 * Kernels that sum, average, choose or accumulate along axes.
 */
import { inputOf, splat, type Node, type Shape, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'
import { cast } from './expressions'
import type { Emitter } from './emitter'
import {
  appendOne,
  axesOf,
  axisOf,
  castTo,
  lengthAt,
  type Append,
  type Call,
  type Row,
  type Table,
} from './row'

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return shape.flatMap((length, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [length]))
}

/** @param of what the operand becomes first */
function reduction(lower: NonNullable<Row['lower']>, operand: (value: Value, append: Append) => Value): Row {
  return {
    record: ({ kernel, input, attributes }: Call, append) => {
      const x = operand(input('x'), append)
      const axes = axesOf(attributes['axis'] ?? attributes['reductionIndices'], x.shape)
      const keepDims = Boolean(attributes['keepDims'])
      if (axes.length === 0) return x
      return appendOne(
        append,
        kernel,
        [x],
        { axes, keepDims },
        { shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype },
      )
    },
    lower,
  }
}

function reduceBy(op: string, node: Node, emit: Emitter, x: string): string {
  return emit.node(op, [x, emit.integers(node.attributes['axes'] as Shape)], {
    keepdims: node.attributes['keepDims'] ? 1 : 0,
  })
}

/** Booleans are reduced as 0 and 1. */
function reduceBools(op: string) {
  return (node: Node, emit: Emitter) =>
    cast(emit, reduceBy(op, node, emit, cast(emit, emit.input(node, 0), 'int32')), 'bool')
}

/**
 * The greatest or least. ONNX Runtime passes over not-a-number; here it is what comes out, but on a GPU,
 * which may not know what it is.
 */
function extreme(op: string) {
  return (node: Node, emit: Emitter) => {
    const x = emit.input(node, 0)
    const found = reduceBy(op, node, emit, x)
    if (node.outputs[0]?.dtype !== 'float32' || !emit.has('IsNaN')) return found
    const hasNone = reduceBy('ReduceMax', node, emit, cast(emit, emit.node('IsNaN', [x]), 'int32'))
    return emit.node('Where', [cast(emit, hasNone, 'bool'), emit.scalar('float32', NaN), found])
  }
}

const FEWEST_ROWS_FOR_PRODUCT = 16

/** So many numbers, added one after the other, lose digits. */
const MOST_IN_ONE_SUM = 65_536

/** All numbers, as a sum of sums. */
function sumOfSums(x: Value, node: Node, emit: Emitter): string {
  const size = sizeOf(x.shape)
  let parts = Math.floor(Math.sqrt(size))
  while (size % parts > 0) parts--
  const table = emit.node('Reshape', [emit.name(x), emit.integers([parts, size / parts])])
  const total = emit.node('ReduceSum', [
    emit.node('ReduceSum', [table, emit.integers([1])]),
    emit.integers([0, 1]),
  ])
  return emit.node('Reshape', [total, emit.integers(node.outputs[0]?.shape ?? [])])
}

/**
 * Sums over leading axes are a product with a row of ones, which ONNX Runtime computes several times faster
 * than ReduceSum.
 */
function sum(node: Node, emit: Emitter): string {
  const x = inputOf(node, 0)
  const axes = node.attributes['axes'] as Shape
  const rows = sizeOf(x.shape.slice(0, axes.length))
  const columns = sizeOf(x.shape.slice(axes.length))
  const isLeading = axes.every((axis, index) => axis === index) && axes.length < x.shape.length
  if (x.dtype === 'float32' && axes.length === x.shape.length && rows > MOST_IN_ONE_SUM)
    return sumOfSums(x, node, emit)
  if (x.dtype !== 'float32' || !isLeading || rows < FEWEST_ROWS_FOR_PRODUCT || columns === 1)
    return reduceBy('ReduceSum', node, emit, emit.name(x))
  const table =
    x.shape.length === 2 ? emit.name(x) : emit.node('Reshape', [emit.name(x), emit.integers([rows, columns])])
  const sums = emit.node('Gemm', [emit.name(splat([1, rows], 'float32', 1)), table])
  return emit.node('Reshape', [sums, emit.integers(node.outputs[0]?.shape ?? [])])
}

function choice(op: string): Row {
  return {
    record: ({ kernel, input, attributes }, append) => {
      const x = castTo(append, input('x'), input('x').dtype === 'bool' ? 'int32' : input('x').dtype)
      const axis = axisOf(attributes['axis'], x.shape)
      return appendOne(
        append,
        kernel,
        [x],
        { axis },
        { shape: reducedShape(x.shape, [axis], false), dtype: 'int32' },
      )
    },
    lower: (node, emit) =>
      cast(
        emit,
        emit.node(op, [emit.input(node, 0)], { axis: Number(node.attributes['axis']), keepdims: 0 }),
        'int32',
      ),
  }
}

/** Over the last axis, as TensorFlow.js has it. */
function normalisation(op: string): Row {
  return {
    record: ({ kernel, input }, append) => {
      const logits = castTo(append, input('logits'), 'float32')
      return appendOne(append, kernel, [logits], {}, { shape: logits.shape, dtype: 'float32' })
    },
    lower: (node, emit) =>
      emit.has(op)
        ? emit.node(op, [emit.input(node, 0)], { axis: -1 })
        : logSoftmaxInSteps(emit, emit.input(node, 0)),
  }
}

/** z − log Σ e^z with z = x − max x, so that no exponential overflows. */
function logSoftmaxInSteps(emit: Emitter, x: string): string {
  const last = emit.integers([-1])
  const z = emit.node('Sub', [x, emit.node('ReduceMax', [x, last], { keepdims: 1 })])
  return emit.node('Sub', [
    z,
    emit.node('Log', [emit.node('ReduceSum', [emit.node('Exp', [z]), last], { keepdims: 1 })]),
  ])
}

const asIs = (value: Value) => value
const asFloat = (value: Value, append: Append) => castTo(append, value, 'float32')
const numeric = (value: Value, append: Append) =>
  value.dtype === 'bool' ? castTo(append, value, 'int32') : value

export const reductions: Table = {
  Sum: reduction(sum, numeric),
  Mean: {
    record: ({ input, attributes }, append) => {
      const x = asFloat(input('x'), append)
      const axes = axesOf(attributes['axis'], x.shape)
      const keepDims = Boolean(attributes['keepDims'])
      if (axes.length === 0) return x
      const shape = reducedShape(x.shape, axes, keepDims)
      const total = appendOne(append, 'Sum', [x], { axes, keepDims }, { shape, dtype: 'float32' })
      const count = axes.reduce((size, axis) => size * lengthAt(x.shape, axis), 1)
      if (count === 0) throw new Error('the mean of no numbers is none')
      return appendOne(
        append,
        'Multiply',
        [total, splat([], 'float32', Math.fround(1 / count))],
        {},
        { shape, dtype: 'float32' },
      )
    },
  },
  Max: reduction(extreme('ReduceMax'), asIs),
  Min: reduction(extreme('ReduceMin'), asIs),
  Any: reduction(reduceBools('ReduceMax'), asIs),
  All: reduction(reduceBools('ReduceMin'), asIs),
  ArgMax: choice('ArgMax'),
  ArgMin: choice('ArgMin'),
  Softmax: normalisation('Softmax'),
  LogSoftmax: normalisation('LogSoftmax'),
  Cumsum: {
    record: ({ kernel, input, attributes }, append) => {
      const x = numeric(input('x'), append)
      const how = {
        axis: axisOf(attributes['axis'], x.shape),
        exclusive: Boolean(attributes['exclusive']),
        reverse: Boolean(attributes['reverse']),
      }
      return appendOne(append, kernel, [x], how, { shape: x.shape, dtype: x.dtype })
    },
    lower: (node, emit) => {
      const { axis, exclusive, reverse } = node.attributes
      return emit.node(
        'CumSum',
        [emit.input(node, 0), emit.constant('int64', [], BigInt64Array.of(BigInt(Number(axis))))],
        { exclusive: exclusive ? 1 : 0, reverse: reverse ? 1 : 0 },
      )
    },
  },
}
