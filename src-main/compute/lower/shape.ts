/**
 * Kernels that move numbers without changing them.
 */
import { areEqualShapes, inputOf, splat, type Node, type Shape, type Value } from '../graph/graph'
import { sizeOf } from '../parameters'
import * as tf from '../tf'
import { cast } from './expressions'
import { arrayOf, type Emitter } from './emitter'
import { appendOne, axisOf, lengthAt, type Append, type Row, type Table } from './row'

type Lowering = NonNullable<Row['lower']>

function reshape(append: Append, x: Value, shape: Shape): Value {
  return areEqualShapes(x.shape, shape)
    ? x
    : appendOne(append, 'Reshape', [x], { shape }, { shape, dtype: x.dtype })
}

function concatenate(append: Append, parts: readonly Value[], axis: number): Value {
  const [first] = parts
  if (!first) throw new Error('nothing to concatenate')
  const shape = first.shape.map((length, at) =>
    at === axis ? parts.reduce((total, part) => total + lengthAt(part.shape, axis), 0) : length,
  )
  return appendOne(append, 'Concat', parts, { axis }, { shape, dtype: first.dtype })
}

function split(append: Append, x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  const typeOf = (size: number) => ({
    shape: x.shape.map((length, at) => (at === axis ? size : length)),
    dtype: x.dtype,
  })
  const filled = sizes.filter((size) => size > 0)
  const parts =
    filled.length > 1 ? [...append('SplitV', [x], { axis, sizes: filled }, ...filled.map(typeOf))] : [x]
  return sizes.map((size) => (size > 0 ? parts.shift() : undefined) ?? splat(typeOf(size).shape, x.dtype, 0))
}

function withAxis(shape: Shape, axis: number, length: number): Shape {
  return [...shape.slice(0, axis), length, ...shape.slice(axis)]
}

/** Booleans move as integers where there are no kernels for them. */
function moving(lower: Lowering): Lowering {
  return (node, emit) => {
    if (emit.movesBools || node.outputs[0]?.dtype !== 'bool') return lower(node, emit)
    const name = (value: Value) =>
      value.dtype === 'bool' ? cast(emit, emit.name(value), 'int32') : emit.name(value)
    const asIntegers: Emitter = {
      ...emit,
      name,
      input: (from, index) => name(inputOf(from, index)),
      constant: (type, shape, data) =>
        type === 'bool'
          ? emit.constant('int32', shape, Int32Array.from(data, Number))
          : emit.constant(type, shape, data),
    }
    return [lower(node, asIntegers)].flat().map((name) => cast(emit, name, 'bool'))
  }
}

/** Axis by axis what comes before, what is wanted and what comes after. */
function slicedBySplitting(emit: Emitter, node: Node, begin: Shape, size: Shape): string {
  const { shape } = inputOf(node, 0)
  return begin.reduce(
    (x, start, axis) => {
      const wanted = size[axis] ?? 0
      const lengths = [start, wanted, lengthAt(shape, axis) - start - wanted].filter((length) => length > 0)
      return lengths.length === 1
        ? x
        : (emit.nodes('Split', [x, emit.integers(lengths)], lengths.length, { axis })[start > 0 ? 1 : 0] ?? x)
    },
    emit.input(node, 0),
  )
}

export const shapes: Table = {
  Identity: { record: ({ input }) => input('x') },
  Reshape: {
    record: ({ input, attributes }, append) =>
      reshape(
        append,
        input('x'),
        tf.util.inferFromImplicitShape(attributes['shape'] as number[], sizeOf(input('x').shape)),
      ),
    lower: (node, emit) =>
      emit.node('Reshape', [emit.input(node, 0), emit.integers(node.attributes['shape'] as Shape)]),
  },
  ExpandDims: {
    record: ({ input, attributes }, append) => {
      const x = input('input')
      const axis = Number(attributes['dim'])
      return reshape(append, x, withAxis(x.shape, axis < 0 ? x.shape.length + 1 + axis : axis, 1))
    },
  },
  Transpose: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const order = attributes['perm'] as number[]
      return appendOne(
        append,
        kernel,
        [x],
        { order },
        { shape: order.map((axis) => lengthAt(x.shape, axis)), dtype: x.dtype },
      )
    },
    lower: moving((node, emit) =>
      emit.node('Transpose', [emit.input(node, 0)], { perm: node.attributes['order'] as Shape }),
    ),
  },
  Concat: {
    record: ({ inputs, attributes }, append) =>
      concatenate(append, inputs, axisOf(attributes['axis'], inputs[0]?.shape ?? [])),
    lower: moving((node, emit) =>
      emit.node(
        'Concat',
        node.inputs.filter(({ shape }) => sizeOf(shape) > 0).map((value) => emit.name(value)),
        { axis: Number(node.attributes['axis']) },
      ),
    ),
  },
  Pack: {
    record: ({ inputs, attributes }, append) => {
      const rank = (inputs[0]?.shape.length ?? 0) + 1
      const axis = (Number(attributes['axis']) + rank) % rank
      return concatenate(
        append,
        inputs.map((part) => reshape(append, part, withAxis(part.shape, axis, 1))),
        axis,
      )
    },
  },
  SplitV: {
    record: ({ input, attributes }, append) => {
      const x = input('x')
      const axis = axisOf(attributes['axis'], x.shape)
      return split(
        append,
        x,
        tf.backend_util.prepareSplitSize(
          { shape: [...x.shape] } as tf.Tensor,
          attributes['numOrSizeSplits'] as number | number[],
          axis,
        ),
        axis,
      )
    },
    lower: moving((node, emit) =>
      emit.nodes(
        'Split',
        [emit.input(node, 0), emit.integers(node.attributes['sizes'] as Shape)],
        node.outputs.length,
        { axis: Number(node.attributes['axis']) },
      ),
    ),
  },
  Unpack: {
    record: ({ input, attributes }, append) => {
      const x = input('value')
      const axis = axisOf(attributes['axis'], x.shape)
      const parts = split(append, x, new Array<number>(lengthAt(x.shape, axis)).fill(1), axis)
      return parts.map((part) =>
        reshape(
          append,
          part,
          x.shape.filter((_, at) => at !== axis),
        ),
      )
    },
  },
  Slice: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const [begin, size] = tf.slice_util.parseSliceParams(
        { shape: [...x.shape], dtype: x.dtype, dataId: {} },
        attributes['begin'] as number[],
        attributes['size'] as number[],
      ) as [number[], number[]]
      tf.slice_util.assertParamsValid({ shape: [...x.shape], dtype: x.dtype, dataId: {} }, begin, size)
      return appendOne(append, kernel, [x], { begin, size }, { shape: size, dtype: x.dtype })
    },
    lower: moving((node, emit) => {
      const begin = node.attributes['begin'] as Shape
      const size = node.attributes['size'] as Shape
      if (node.outputs[0]?.dtype !== 'float32' && !emit.slicesIntegers)
        return slicedBySplitting(emit, node, begin, size)
      const end = begin.map((start, axis) => start + (size[axis] ?? 0))
      return emit.node('Slice', [
        emit.input(node, 0),
        emit.integers(begin),
        emit.integers(end),
        emit.integers(begin.map((_, axis) => axis)),
      ])
    }),
  },
  Tile: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const times = attributes['reps'] as number[]
      const shape = x.shape.map((length, axis) => length * lengthAt(times, axis))
      const isBroadcast = x.shape.every((length, axis) => length === 1 || times[axis] === 1)
      return appendOne(
        append,
        isBroadcast ? 'BroadcastTo' : kernel,
        [x],
        isBroadcast ? { shape } : { times },
        { shape, dtype: x.dtype },
      )
    },
    lower: moving((node, emit) =>
      emit.node('Tile', [emit.input(node, 0), emit.integers(node.attributes['times'] as Shape)]),
    ),
  },
  PadV2: {
    record: ({ kernel, input, attributes }, append) => {
      const x = input('x')
      const paddings = attributes['paddings'] as readonly (readonly [number, number])[]
      const shape = x.shape.map(
        (length, axis) => length + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0),
      )
      const how = {
        before: paddings.map(([before]) => before),
        after: paddings.map(([, after]) => after),
        value: Number(attributes['constantValue']),
      }
      return appendOne(append, kernel, [x], how, { shape, dtype: x.dtype })
    },
    lower: moving((node, emit) => {
      const { before, after, value } = node.attributes
      const dtype = node.outputs[0]?.dtype ?? 'float32'
      return emit.node('Pad', [
        emit.input(node, 0),
        emit.integers([...(before as Shape), ...(after as Shape)]),
        emit.constant(dtype, [], arrayOf(dtype, [Number(value)])),
      ])
    }),
  },
}
