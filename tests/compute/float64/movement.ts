/** What kernels mean that move numbers about. */
import { sizeOf } from '../../../src-main/compute/parameters'
import {
  at,
  attribute,
  gathered,
  outputShape,
  shapeOf,
  spread,
  stridesOf,
  walk,
  type Kernel,
  type Numbers,
} from './numbers'

export const movement: Readonly<Record<string, Kernel>> = {
  Reshape: (_, [x]) => x as Numbers,
  Transpose: (node, [x]) => {
    const strides = stridesOf(shapeOf(node))
    const to = outputShape(node)
    return gathered(
      x as Numbers,
      sizeOf(to),
      walk(
        to,
        attribute(node, 'order').map((axis) => strides[axis] as number),
      ),
    )
  },
  BroadcastTo: (node, [x]) => spread(x as Numbers, shapeOf(node), outputShape(node)),
  Tile: (node, [x]) => {
    const shape = shapeOf(node)
    const strides = stridesOf(shape)
    const to = outputShape(node)
    const y = new Float64Array(sizeOf(to))
    let index = 0
    const ofAxis = to.map((_, axis) => [
      ...walk(
        to,
        to.map((_, each) => (each === axis ? 1 : 0)),
      ),
    ])
    for (; index < y.length; index++)
      y[index] = at(
        x as Numbers,
        ofAxis.reduce(
          (target, along, axis) =>
            target + ((along[index] as number) % (shape[axis] as number)) * (strides[axis] as number),
          0,
        ),
      )
    return y
  },
  Concat: (node, inputs) => {
    const axis = Number(node.attributes['axis'])
    const to = outputShape(node)
    const strides = stridesOf(to)
    const y = new Float64Array(sizeOf(to))
    let start = 0
    inputs.forEach((x, which) => {
      const shape = shapeOf(node, which)
      let index = 0
      for (const target of walk(shape, strides, start * (strides[axis] as number))) y[target] = at(x, index++)
      start += shape[axis] as number
    })
    return y
  },
  SplitV: (node, [x]) => {
    const strides = stridesOf(shapeOf(node))
    const axis = Number(node.attributes['axis'])
    let start = 0
    return node.outputs.map(({ shape }) => {
      const part = gathered(
        x as Numbers,
        sizeOf(shape),
        walk(shape, strides, start * (strides[axis] as number)),
      )
      start += shape[axis] as number
      return part
    })
  },
  Slice: (node, [x]) => {
    const strides = stridesOf(shapeOf(node))
    const to = outputShape(node)
    return gathered(
      x as Numbers,
      sizeOf(to),
      walk(
        to,
        strides,
        attribute(node, 'begin').reduce((start, begin, axis) => start + begin * (strides[axis] as number), 0),
      ),
    )
  },
  PadV2: (node, [x]) => {
    const to = outputShape(node)
    const strides = stridesOf(to)
    const y = new Float64Array(sizeOf(to)).fill(Number(node.attributes['value']))
    let index = 0
    for (const target of walk(
      shapeOf(node),
      strides,
      attribute(node, 'before').reduce(
        (start, before, axis) => start + before * (strides[axis] as number),
        0,
      ),
    ))
      y[target] = at(x as Numbers, index++)
    return y
  },
}
