/** What kernels mean that read and write by index. */
import { sizeOf } from '../../../src-main/compute/parameters'
import { at, gathered, outputShape, shapeOf, stridesOf, type Kernel, type Numbers } from './numbers'

export const lookups: Readonly<Record<string, Kernel>> = {
  GatherV2: (node, [x, indices]) => {
    const shape = shapeOf(node)
    const axis = Number(node.attributes['axis'])
    const batchDims = Number(node.attributes['batchDims'])
    const inner = sizeOf(shape.slice(axis + 1))
    const length = shape[axis] as number
    const batches = sizeOf(shape.slice(0, batchDims))
    const outer = sizeOf(shape.slice(batchDims, axis))
    const perBatch = (indices as Numbers).length / batches
    const from = function* () {
      for (let batch = 0; batch < batches; batch++)
        for (let o = 0; o < outer; o++)
          for (let i = 0; i < perBatch; i++) {
            const row = (batch * outer + o) * length + at(indices as Numbers, batch * perBatch + i)
            for (let c = 0; c < inner; c++) yield row * inner + c
          }
    }
    return gathered(x as Numbers, sizeOf(outputShape(node)), from())
  },
  GatherNd: (node, [x, indices]) => {
    const shape = shapeOf(node)
    const depth = shapeOf(node, 1).at(-1) as number
    const inner = sizeOf(shape.slice(depth))
    const strides = stridesOf(shape)
    const from = function* () {
      for (let tuple = 0; tuple < (indices as Numbers).length; tuple += depth) {
        let start = 0
        for (let axis = 0; axis < depth; axis++)
          start += at(indices as Numbers, tuple + axis) * (strides[axis] as number)
        for (let c = 0; c < inner; c++) yield start + c
      }
    }
    return gathered(x as Numbers, sizeOf(outputShape(node)), from())
  },
  OneHot: (node, [indices]) => {
    const { depth, on, off } = node.attributes as Record<string, number>
    const y = new Float64Array(sizeOf(outputShape(node))).fill(off as number)
    ;(indices as Numbers).forEach((value, index) => {
      if (value >= 0 && value < (depth as number)) y[index * (depth as number) + value] = on as number
    })
    return y
  },
  UnsortedSegmentSum: (node, [x, ids]) => {
    const inner = sizeOf(shapeOf(node).slice(1))
    const y = new Float64Array(sizeOf(outputShape(node)))
    ;(x as Numbers).forEach((value, index) => {
      y[at(ids as Numbers, Math.floor(index / inner)) * inner + (index % inner)]! += value
    })
    return y
  },
  PickColumn: (node, [x, ids]) =>
    (ids as Numbers).map((id, row) => at(x as Numbers, row * (shapeOf(node)[1] as number) + id)),
  AddToColumn: (node, [x, ids, values]) => {
    const y = (x as Numbers).slice()
    const width = shapeOf(node)[1] as number
    ;(ids as Numbers).forEach((id, row) => {
      y[row * width + id]! += at(values as Numbers, row)
    })
    return y
  },
}
