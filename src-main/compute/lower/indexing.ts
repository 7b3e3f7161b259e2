/**
 * Kernels that look numbers up by index, and their gradients, which add numbers up by index.
 *
 * ONNX's ScatterND with a reduction is never emitted: on ONNX Runtime's CPU provider it loses updates when
 * indices repeat. Nothing here writes to one place from two threads: sums by index are a matrix product with
 * one-hot rows, or ScatterElements, which runs them one after the other on the CPU (elsewhere in any order,
 * so there the product it is).
 */
import { inputOf, type Node, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'
import { cast } from './expressions'
import type { Emitter } from './emitter'
import { rowsWrittenOut } from './written-out'
import { appendOne, axisOf, castTo, dtypeCode, lengthAt, type Table } from './row'

/** One-hot matrices above this many numbers cost more than they save. */
const LARGEST_ONE_HOT = 4_000_000

/**
 * ONNX counts negative indices from the end; TensorFlow.js does not. A negative index becomes `length`: out
 * of range, so that OneHot leaves the row empty and Gather refuses it, as TensorFlow.js does in both cases.
 */
function fromZero(emit: Emitter, indices: Value, length: number): string {
  const name = emit.name(indices)
  if (indices.kind === 'constant' && indices.data.every((index) => index >= 0)) return name
  return emit.node('Where', [
    emit.node('Less', [name, emit.scalar('int32', 0)]),
    emit.scalar('int32', length),
    name,
  ])
}

/** Int32 indices and float32 values: one of the few type triples OneHot takes. */
function oneHot(emit: Emitter, indices: Value, depth: number, off: number, on: number): string {
  if (!emit.has('OneHot')) return comparedOneHot(emit, indices, depth, off, on)
  return emit.node(
    'OneHot',
    [
      fromZero(emit, indices, depth),
      emit.constant('int32', [1], Int32Array.of(depth)),
      emit.constant('float32', [2], Float32Array.of(off, on)),
    ],
    { axis: -1 },
  )
}

/** The same by comparing each of them with each index. */
function comparedOneHot(emit: Emitter, indices: Value, depth: number, off: number, on: number): string {
  const indexes = emit.constant(
    'int32',
    [depth],
    Int32Array.from({ length: depth }, (_, index) => index),
  )
  const isHot = emit.node('Equal', [
    emit.node('Reshape', [emit.name(indices), emit.integers([...indices.shape, 1])]),
    indexes,
  ])
  return emit.node('Where', [isHot, emit.scalar('float32', on), emit.scalar('float32', off)])
}

/** x [rows, ...] summed by its rows' segment → [segments, ...] */
function segmentSum(node: Node, emit: Emitter): string {
  const x = inputOf(node, 0)
  const ids = inputOf(node, 1)
  const segments = Number(node.attributes['segments'])
  const rows = lengthAt(x.shape, 0)
  const columns = sizeOf(x.shape.slice(1))
  const table = emit.node('Reshape', [emit.name(x), emit.integers([rows, columns])])
  const sums =
    rows * segments <= LARGEST_ONE_HOT || !emit.addsInOrder
      ? emit.node('Gemm', [oneHot(emit, ids, segments, 0, 1), table], { transA: 1 })
      : scatterRows(emit, table, fromZero(emit, ids, segments), [rows, columns], segments)
  return emit.node('Reshape', [sums, emit.integers(node.outputs[0]?.shape ?? [])])
}

function scatterRows(
  emit: Emitter,
  table: string,
  ids: string,
  shape: readonly [rows: number, columns: number],
  segments: number,
): string {
  const zeros = emit.node('Expand', [emit.scalar('float32', 0), emit.integers([segments, shape[1]])])
  const everywhere = emit.node('Expand', [column(emit, ids, shape[0]), emit.integers(shape)])
  return emit.node('ScatterElements', [zeros, everywhere, table], { axis: 0, reduction: { text: 'add' } })
}

function column(emit: Emitter, ids: string, rows: number): string {
  return emit.node('Reshape', [ids, emit.integers([rows, 1])])
}

function asIndices(value: Value): Value {
  if (value.dtype !== 'int32') throw new Error(`indices must be int32, not ${value.dtype}`)
  return value
}

export const indexing: Table = {
  GatherV2: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const indices = asIndices(input('indices'))
      const axis = axisOf(attributes['axis'], x.shape)
      const rawBatchDims = Number(attributes['batchDims'] ?? 0)
      const batchDims = rawBatchDims < 0 ? indices.shape.length + rawBatchDims : rawBatchDims
      if (batchDims > 0 && batchDims !== axis)
        throw new Error('gather() with batchDims other than its axis is not recorded')
      const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)]
      return appendOne(append, kernel, [x, indices], { axis, batchDims }, { shape, dtype: x.dtype })
    },
    lower: (node, emit) => {
      const x = inputOf(node, 0)
      const indices = inputOf(node, 1)
      const axis = Number(node.attributes['axis'])
      const batchDims = Number(node.attributes['batchDims'])
      const safe = fromZero(emit, indices, lengthAt(x.shape, axis))
      const held = emit.frozen(x)?.held
      if (held) return rowsWrittenOut(emit, held, safe, node.outputs[0]!.shape)
      if (batchDims === 0) return emit.node('Gather', [emit.name(x), safe], { axis })
      const tuples = emit.node('Reshape', [cast(emit, safe, 'int64'), emit.integers([...indices.shape, 1])])
      return emit.node('GatherND', [emit.name(x), tuples], { batch_dims: batchDims })
    },
  },
  GatherNd: {
    record: ({ kernel, input }, append) => {
      const x = input('params')
      const indices = asIndices(input('indices'))
      const depth = lengthAt(indices.shape, -1)
      return appendOne(
        append,
        kernel,
        [x, indices],
        {},
        { shape: [...indices.shape.slice(0, -1), ...x.shape.slice(depth)], dtype: x.dtype },
      )
    },
    lower: (node, emit) => {
      const x = inputOf(node, 0)
      const indices = inputOf(node, 1)
      return emit.node('GatherND', [
        emit.name(x),
        cast(
          emit,
          fromZero(emit, indices, Math.max(...x.shape.slice(0, lengthAt(indices.shape, -1)))),
          'int64',
        ),
      ])
    },
  },
  OneHot: {
    record: ({ kernel, input, attributes }, append) => {
      const indices = asIndices(input('indices'))
      const depth = Number(attributes['depth'])
      const how = { depth, on: Number(attributes['onValue']), off: Number(attributes['offValue']) }
      const hot = appendOne(append, kernel, [indices], how, {
        shape: [...indices.shape, depth],
        dtype: 'float32',
      })
      const dtype = attributes['dtype'] ?? 'int32'
      if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return castTo(append, hot, dtype)
      throw new Error(
        `oneHot() of type ${String(dtype)} is not recorded; known are ${Object.keys(dtypeCode).join(', ')}`,
      )
    },
    lower: (node, emit) =>
      oneHot(
        emit,
        inputOf(node, 0),
        Number(node.attributes['depth']),
        Number(node.attributes['off']),
        Number(node.attributes['on']),
      ),
  },
  UnsortedSegmentSum: {
    record: ({ kernel, input, attributes }, append) => {
      const x = castTo(append, input('x'), 'float32')
      const segments = Number(attributes['numSegments'])
      return appendOne(
        append,
        kernel,
        [x, asIndices(input('segmentIds'))],
        { segments },
        { shape: [segments, ...x.shape.slice(1)], dtype: 'float32' },
      )
    },
    lower: segmentSum,
  },
  /** x [rows, columns], ids int32 [rows] → [rows]: x at each row's own column. Called by `fused.ts`. */
  PickColumn: {
    record: ({ kernel, input }, append) =>
      appendOne(
        append,
        kernel,
        [input('x'), asIndices(input('ids'))],
        {},
        { shape: input('ids').shape, dtype: input('x').dtype },
      ),
    lower: (node, emit) => {
      const x = inputOf(node, 0)
      const ids = inputOf(node, 1)
      const rows = lengthAt(x.shape, 0)
      const picked = emit.node(
        'GatherElements',
        [emit.name(x), column(emit, fromZero(emit, ids, lengthAt(x.shape, 1)), rows)],
        { axis: 1 },
      )
      return emit.node('Reshape', [picked, emit.integers([rows])])
    },
  },
  /**
   * x [rows, columns], ids int32 [rows], values [rows] → x with each row's value added at its own column.
   * Called by `fused.ts`.
   */
  AddToColumn: {
    record: ({ kernel, input }, append) =>
      appendOne(
        append,
        kernel,
        [input('x'), asIndices(input('ids')), input('values')],
        {},
        { shape: input('x').shape, dtype: 'float32' },
      ),
    lower: (node, emit) => {
      const x = inputOf(node, 0)
      const rows = lengthAt(x.shape, 0)
      const indexes = column(emit, fromZero(emit, inputOf(node, 1), lengthAt(x.shape, 1)), rows)
      return emit.node('ScatterElements', [emit.name(x), indexes, column(emit, emit.input(node, 2), rows)], {
        axis: 1,
        reduction: { text: 'add' },
      })
    },
  },
}
