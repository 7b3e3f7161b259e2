/** Cases of kernels that move numbers and compute none. */
import type { HostTensor } from '../engine'
import * as tf from '../tf'
import type { Body, Case, Draw } from './case'

/** The same movement of floats (with gradients), integers and bools. */
const ofEveryType = (
  kernel: string,
  says: string,
  make: (draw: Draw) => { shapes: number[][]; body: Body },
): readonly Case[] => [
  {
    kernel,
    says: `${says}: floats`,
    hasGradient: true,
    make: (draw) => withInputs(make(draw), (shape) => draw.floats(shape)),
  },
  {
    kernel,
    says: `${says}: integers`,
    make: (draw) => withInputs(make(draw), (shape) => draw.integers(shape, -9, 9)),
  },
  {
    kernel,
    says: `${says}: bools`,
    make: (draw) => {
      const { shapes, body } = make(draw)
      return {
        inputs: shapes.map((shape) => draw.integers(shape, -1, 1)),
        body: (...inputs) => body(...inputs.map((input) => tf.greater(input, 0))),
      }
    },
  },
]

function withInputs(
  { shapes, body }: { shapes: number[][]; body: Body },
  input: (shape: number[]) => HostTensor,
) {
  return { inputs: shapes.map(input), body }
}

const replaced = (shape: readonly number[], axis: number, length: number) =>
  shape.map((old, at) => (at === axis ? length : old))

function anyOrder(draw: Draw, rank: number): number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis)
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw.integer(0, i)
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  return order
}

export const shapeCases: readonly Case[] = [
  ...ofEveryType('Reshape', 'reshape and squeeze', (draw) => ({
    shapes: [draw.shape(2, 3), [2, 1, 3]],
    body: (x, y) => [tf.reshape(x, [x.size]), tf.squeeze(y)],
  })),
  ...ofEveryType('Reshape', 'reshape to what is left over', (draw) => ({
    shapes: [draw.filledShape(1, 3)],
    body: (x) => [tf.reshape(x, [-1]), tf.reshape(x, [1, -1])],
  })),
  ...ofEveryType('ExpandDims', 'expandDims', (draw) => {
    const shape = draw.shape(0, 3)
    return { shapes: [shape], body: (x) => [tf.expandDims(x, 0), tf.expandDims(x, -1)] }
  }),
  ...ofEveryType('Transpose', 'transpose in any order', (draw) => {
    const shape = draw.shape(1, 4)
    const order = anyOrder(draw, shape.length)
    // Beside the order drawn, one that is never the identity: [2, 3] turned round.
    return { shapes: [shape, [2, 3]], body: (x, y) => [tf.transpose(x, order), tf.transpose(y)] }
  }),
  ...ofEveryType('Concat', 'concat along any axis', (draw) => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(0, shape.length - 1)
    return {
      shapes: [shape, replaced(shape, axis, draw.integer(0, 3)), replaced(shape, axis, 1)],
      body: (...inputs) => tf.concat(inputs, axis),
    }
  }),
  ...ofEveryType('Pack', 'stack along a new axis', (draw) => {
    const shape = draw.shape(0, 3)
    const axis = draw.integer(0, shape.length)
    return { shapes: [shape, shape], body: (...inputs) => tf.stack(inputs, axis) }
  }),
  ...ofEveryType('SplitV', 'split into equal and unequal parts', (draw) => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(0, shape.length - 1)
    return {
      shapes: [replaced(shape, axis, 6)],
      body: (x) => [
        ...tf.split(x, 3, axis),
        ...tf.split(x, [1, 3, 2], axis),
        ...tf.split(x, [2, 0, 4], axis),
      ],
    }
  }),
  ...ofEveryType('Unpack', 'unstack', (draw) => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(0, shape.length - 1)
    return { shapes: [replaced(shape, axis, draw.integer(2, 6))], body: (x) => tf.unstack(x, axis) }
  }),
  ...ofEveryType('Slice', 'slice anywhere', (draw) => {
    const shape = draw.shape(1, 4)
    const begin = shape.map((length) => draw.integer(0, length))
    const size = shape.map((length, axis) => draw.integer(0, length - (begin[axis] ?? 0)))
    return { shapes: [shape], body: (x) => [tf.slice(x, begin, size), tf.slice(x, begin)] }
  }),
  ...ofEveryType('Tile', 'tile', (draw) => {
    const shape = [
      draw.integer(2, 3),
      ...Array.from({ length: draw.integer(0, 2) }, () => draw.integer(0, 4)),
    ]
    const times = shape.map((_, axis) => draw.integer(axis === 0 ? 2 : 0, 3))
    return { shapes: [shape], body: (x) => tf.tile(x, times) }
  }),
  ...ofEveryType('Tile', 'broadcastTo, which TensorFlow.js makes a tile', (draw) => {
    const shape = [1, ...Array.from({ length: draw.integer(0, 2) }, () => draw.integer(0, 3))]
    const to = [
      draw.integer(2, 3),
      3,
      ...shape.slice(1).map((length) => (length === 1 ? draw.integer(1, 3) : length)),
    ]
    return { shapes: [shape], body: (x) => tf.broadcastTo(x, to) }
  }),
  ...ofEveryType('PadV2', 'pad', (draw) => {
    const shape = draw.shape(1, 4)
    const paddings = shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as [number, number])
    return { shapes: [shape], body: (x) => tf.pad(x, paddings, x.dtype === 'bool' ? 1 : 7) }
  }),
]
