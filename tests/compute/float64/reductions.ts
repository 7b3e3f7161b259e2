/** What kernels mean that go along an axis. */
import {
  at,
  chosen,
  reduced,
  rowwise,
  shapeOf,
  stridesOf,
  sum,
  walk,
  type Kernel,
  type Numbers,
} from './numbers'

function logSoftmax(row: Numbers): Numbers {
  const most = Math.max(...row)
  const total = Math.log(sum(row.map((value) => Math.exp(value - most))))
  return row.map((value) => value - most - total)
}

export const reductions: Readonly<Record<string, Kernel>> = {
  Sum: reduced(0, (a, b) => a + b),
  Max: reduced(-Infinity, Math.max),
  Min: reduced(Infinity, Math.min),
  Any: reduced(0, Math.max),
  All: reduced(1, Math.min),
  ArgMax: chosen((a, b) => a > b),
  ArgMin: chosen((a, b) => a < b),
  Softmax: rowwise((row) => logSoftmax(row).map(Math.exp)),
  LogSoftmax: rowwise(logSoftmax),
  Cumsum: (node, [x]) => {
    const shape = shapeOf(node)
    const { axis, exclusive, reverse } = node.attributes
    const length = shape[Number(axis)] as number
    const stride = stridesOf(shape)[Number(axis)] as number
    const y = new Float64Array((x as Numbers).length)
    for (const start of walk(
      shape.map((all, each) => (each === axis ? 1 : all)),
      stridesOf(shape),
    )) {
      let total = 0
      for (let step = 0; step < length; step++) {
        const index = start + (reverse ? length - 1 - step : step) * stride
        y[index] = exclusive ? total : total + at(x as Numbers, index)
        total += at(x as Numbers, index)
      }
    }
    return y
  },
}
