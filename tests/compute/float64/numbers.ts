/** Shapes, strides and the few forms that most kernels have, over arrays of float64. */
import { inputOf, type Node, type Shape, type TensorType } from '../../../src-main/compute/graph/graph'
import { sizeOf } from '../../../src-main/compute/parameters'

export type Numbers = Float64Array
export type Kernel = (node: Node, inputs: readonly Numbers[]) => Numbers | readonly Numbers[]

export const shapeOf = (node: Node, index = 0): Shape => inputOf(node, index).shape
export const outputShape = (node: Node, index = 0): Shape => (node.outputs[index] as TensorType).shape
export const at = (numbers: Numbers, index: number) => numbers[index] as number
export const attribute = (node: Node, name: string) => node.attributes[name] as Shape

export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number)
  return strides
}

/** The index of each number of `shape` in something else: how far one step along each axis leads there. */
export function* walk(shape: Shape, strides: readonly number[], start = 0): Generator<number> {
  const [length, ...rest] = shape
  const [stride = 0, ...others] = strides
  if (length === undefined) return yield start
  for (let i = 0; i < length; i++) yield* walk(rest, others, start + i * stride)
}

export function gathered(x: Numbers, size: number, from: Iterable<number>): Numbers {
  const y = new Float64Array(size)
  let index = 0
  for (const target of from) y[index++] = at(x, target)
  return y
}

/** x as it stands when it is broadcast to `to`. */
export function spread(x: Numbers, shape: Shape, to: Shape): Numbers {
  const own = stridesOf(shape)
  const lacking = to.length - shape.length
  const strides = to.map((_, axis) =>
    axis < lacking || shape[axis - lacking] === 1 ? 0 : (own[axis - lacking] as number),
  )
  return gathered(x, sizeOf(to), walk(to, strides))
}

/** For each number of x the index it has when `axes` are left out. */
export function groups(shape: Shape, axes: readonly number[]): Iterable<number> {
  const kept = stridesOf(shape.filter((_, axis) => !axes.includes(axis)))
  let next = 0
  return walk(
    shape,
    shape.map((_, axis) => (axes.includes(axis) ? 0 : (kept[next++] as number))),
  )
}

export const each =
  (compute: (x: number) => number): Kernel =>
  (_, [x]) =>
    (x as Numbers).map(compute)

export const two =
  (compute: (a: number, b: number) => number): Kernel =>
  (node, [a, b]) => {
    const to = outputShape(node)
    const left = spread(a as Numbers, shapeOf(node), to)
    const right = spread(b as Numbers, shapeOf(node, 1), to)
    return left.map((value, index) => compute(value, at(right, index)))
  }

export const truth = (compute: (a: number, b: number) => boolean): Kernel =>
  two((a, b) => Number(compute(a, b)))

export const reduced =
  (start: number, compute: (a: number, b: number) => number): Kernel =>
  (node, [x]) => {
    const y = new Float64Array(sizeOf(outputShape(node))).fill(start)
    let index = 0
    for (const target of groups(shapeOf(node), attribute(node, 'axes')))
      y[target] = compute(at(y, target), at(x as Numbers, index++))
    return y
  }

export const chosen =
  (isBetter: (a: number, b: number) => boolean): Kernel =>
  (node, [x]) => {
    const shape = shapeOf(node)
    const axis = Number(node.attributes['axis'])
    const best = new Float64Array(sizeOf(outputShape(node)))
    const y = new Float64Array(best.length).fill(-1)
    const along = [
      ...walk(
        shape,
        shape.map((_, each) => (each === axis ? 1 : 0)),
      ),
    ]
    let index = 0
    for (const target of groups(shape, [axis])) {
      const value = at(x as Numbers, index)
      const position = along[index++] as number
      if (at(y, target) >= 0 && !isBetter(value, at(best, target))) continue
      best[target] = value
      y[target] = position
    }
    return y
  }

/** Row by row over the last axis. */
export const rowwise =
  (compute: (row: Numbers) => Numbers): Kernel =>
  (node, [x]) => {
    const width = shapeOf(node).at(-1) ?? 1
    const y = new Float64Array((x as Numbers).length)
    for (let start = 0; start < y.length; start += width)
      y.set(compute((x as Numbers).subarray(start, start + width)), start)
    return y
  }

export const sum = (row: Numbers) => row.reduce((total, value) => total + value, 0)
