import * as tf from '../../../src-main/compute/tf'
import type { HostTensor } from '../../../src-main/compute/engine'
import type { Case, Draw } from '../differential'

type Body = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]

/** The same movement of floats (with gradients), integers and bools. */
const ofEveryType = (kernel: string, says: string, make: (draw: Draw) => { shapes: number[][]; body: Body }): readonly Case[] => [
  { kernel, says: `${says}: floats`, hasGradient: true, make: draw => withInputs(make(draw), shape => draw.floats(shape)) },
  { kernel, says: `${says}: integers`, make: draw => withInputs(make(draw), shape => draw.integers(shape, -9, 9)) },
  {
    kernel,
    says: `${says}: bools`,
    make: draw => {
      const { shapes, body } = make(draw)
      return { inputs: shapes.map(shape => draw.integers(shape, -1, 1)), body: (...inputs) => body(...inputs.map(input => tf.greater(input, 0))) }
    },
  },
]

function withInputs({ shapes, body }: { shapes: number[][]; body: Body }, input: (shape: number[]) => HostTensor) {
  return { inputs: shapes.map(input), body }
}

const replaced = (shape: readonly number[], axis: number, length: number) => shape.map((old, at) => (at === axis ? length : old))

export const shapeCases: readonly Case[] = [
  ...ofEveryType('Reshape', 'reshape, expandDims and squeeze', draw => {
    const shape = draw.shape(2, 3)
    return { shapes: [shape, [2, 1, 3]], body: (x, y) => [tf.reshape(x as tf.Tensor, [-1]), tf.expandDims(x as tf.Tensor, 1), tf.squeeze(y as tf.Tensor)] }
  }),
  ...ofEveryType('Transpose', 'transpose in any order', draw => {
    const shape = draw.shape(1, 4), order = shape.map((_, axis) => axis)
    for (let i = order.length - 1; i > 0; i--) {
      const j = draw.integer(0, i);
      [order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    // Beside the order drawn, one that is never the identity: [2, 3] turned round.
    return { shapes: [shape, [2, 3]], body: (x, y) => [tf.transpose(x as tf.Tensor, order), tf.transpose(y as tf.Tensor)] }
  }),
  ...ofEveryType('Concat', 'concat along any axis', draw => {
    const shape = draw.shape(1, 3), axis = draw.integer(0, shape.length - 1)
    return { shapes: [shape, replaced(shape, axis, draw.integer(1, 3)), replaced(shape, axis, 1)], body: (...inputs) => tf.concat(inputs, axis) }
  }),
  ...ofEveryType('Concat', 'stack along a new axis', draw => {
    const shape = draw.shape(0, 3), axis = draw.integer(0, shape.length)
    return { shapes: [shape, shape], body: (...inputs) => tf.stack(inputs, axis) }
  }),
  ...ofEveryType('SplitV', 'split into equal and unequal parts, and unstack', draw => {
    const shape = draw.shape(1, 3), axis = draw.integer(0, shape.length - 1)
    const long = replaced(shape, axis, 6)
    return { shapes: [long], body: x => [...tf.split(x as tf.Tensor, 3, axis), ...tf.split(x as tf.Tensor, [1, 3, 2], axis), ...tf.unstack(x as tf.Tensor, axis)] }
  }),
  ...ofEveryType('Slice', 'slice anywhere', draw => {
    const shape = draw.shape(1, 4)
    const begin = shape.map(length => draw.integer(0, length - 1)), size = shape.map((length, axis) => draw.integer(1, length - (begin[axis] ?? 0)))
    return { shapes: [shape], body: x => [tf.slice(x as tf.Tensor, begin, size), tf.slice(x as tf.Tensor, begin)] }
  }),
  ...ofEveryType('Tile', 'tile', draw => {
    const shape = [draw.integer(2, 3), ...draw.shape(0, 2)], times = [draw.integer(2, 3), ...shape.slice(1).map(() => draw.integer(1, 3))]
    return { shapes: [shape], body: x => tf.tile(x as tf.Tensor, times) }
  }),
  ...ofEveryType('BroadcastTo', 'broadcastTo', draw => {
    const shape = [1, ...draw.shape(0, 2)]
    const to = [draw.integer(2, 3), 3, ...shape.slice(1).map(length => (length === 1 ? draw.integer(1, 3) : length))]
    return { shapes: [shape], body: x => tf.broadcastTo(x as tf.Tensor, to) }
  }),
  ...ofEveryType('PadV2', 'pad', draw => {
    const shape = draw.shape(1, 4), paddings = shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as [number, number])
    return { shapes: [shape], body: x => tf.pad(x as tf.Tensor, paddings, (x as tf.Tensor).dtype === 'bool' ? 1 : 7) }
  }),
]
