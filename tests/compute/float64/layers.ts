/** What products and layers mean. */
import type { Shape } from '../../../src-main/compute/graph/graph'
import { sizeOf } from '../../../src-main/compute/parameters'
import { at, outputShape, shapeOf, spread, sum, type Kernel, type Numbers } from './numbers'

const product: Kernel = (node, [a, b]) => {
  const { transposeA, transposeB, scale } = node.attributes
  const [left, right, to] = [shapeOf(node), shapeOf(node, 1), outputShape(node)]
  const [m, n] = to.slice(-2) as [number, number]
  const k = left.at(transposeA ? -2 : -1) as number
  const y = new Float64Array(sizeOf(to))
  const batches = to.slice(0, -2)
  const starts = (shape: Shape) => [
    ...spread(
      Float64Array.from({ length: sizeOf(shape.slice(0, -2)) }, (_, i) => i * sizeOf(shape.slice(-2))),
      shape.slice(0, -2),
      batches,
    ),
  ]
  const lefts = starts(left)
  const rights = starts(right)
  lefts.forEach((startA, batch) => {
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let total = 0
        for (let c = 0; c < k; c++)
          total +=
            at(a as Numbers, startA + (transposeA ? c * m + i : i * k + c)) *
            at(b as Numbers, (rights[batch] as number) + (transposeB ? j * k + c : c * n + j))
        y[batch * m * n + i * n + j] = total * Number(scale ?? 1)
      }
  })
  return y
}

export const layers: Readonly<Record<string, Kernel>> = {
  BatchMatMul: product,
  Linear: (node, [x, w, bias]) => {
    const width = outputShape(node)[1] as number
    return (product({ ...node, attributes: {} }, [x as Numbers, w as Numbers]) as Numbers).map(
      (value, index) => value + at(bias as Numbers, index % width),
    )
  },
  CachedAttention: (node, [first, keys, values, positions, ...own]) => {
    const [rows, keyValueHeads, most, width] = shapeOf(node, 1) as [number, number, number, number]
    const all = (first as Numbers).length / rows
    /** Of each row so many numbers from the `from`th on. */
    const columns = (from: number, count: number) =>
      Float64Array.from({ length: rows * count }, (_, i) =>
        at(first as Numbers, Math.floor(i / count) * all + from + (i % count)),
      )
    const shared = keyValueHeads * width
    const [k, v] = own.length > 0 ? own : [columns(all - 2 * shared, shared), columns(all - shared, shared)]
    const q = own.length > 0 ? first : columns(0, all - 2 * shared)
    const group = (q as Numbers).length / (rows * keyValueHeads * width)
    const memory = [(keys as Numbers).slice(), (values as Numbers).slice()] as const
    const attended = new Float64Array((q as Numbers).length)
    const dot = (a: Numbers, b: Numbers) => sum(a.map((value, i) => value * at(b, i)))
    for (let head = 0; head < rows * keyValueHeads; head++) {
      const own = at(positions as Numbers, Math.floor(head / keyValueHeads))
      const cut = (x: Numbers, row: number) => x.subarray(row * width, (row + 1) * width)
      for (const [index, x] of [k as Numbers, v as Numbers].entries())
        memory[index]!.set(cut(x, head), (head * most + own) * width)
      for (let query = head * group; query < (head + 1) * group; query++) {
        const weights = Float64Array.from({ length: own + 1 }, (_, t) =>
          Math.exp(dot(cut(q as Numbers, query), cut(memory[0], head * most + t)) / Math.sqrt(width)),
        )
        const total = sum(weights)
        weights.forEach((weight, t) =>
          cut(memory[1], head * most + t).forEach((value, i) => {
            attended[query * width + i]! += (weight / total) * value
          }),
        )
      }
    }
    return [attended, ...memory]
  },
  LayerNormalization: (node, [x, gain, bias]) => {
    const width = (gain as Numbers).length
    const rows = (x as Numbers).length / width
    const y = new Float64Array((x as Numbers).length)
    const means = new Float64Array(rows)
    const scales = new Float64Array(rows)
    for (let row = 0; row < rows; row++) {
      const own = (x as Numbers).subarray(row * width, (row + 1) * width)
      const mean = sum(own) / width
      const scale =
        1 /
        Math.sqrt(sum(own.map((value) => (value - mean) ** 2)) / width + Number(node.attributes['epsilon']))
      means[row] = mean
      scales[row] = scale
      y.set(
        own.map((value, c) => (value - mean) * scale * at(gain as Numbers, c) + at(bias as Numbers, c)),
        row * width,
      )
    }
    return [y, means, scales]
  },
}
