/**
 * A second reference, which shares nothing with the first: a recorded graph, computed number by number in
 * float64, straight from what each kernel means. It holds the backward graph against finite differences of
 * the forward one, and float32 devices against both.
 */
import type { Batch, HostTensor } from '../../src-main/compute/engine'
import {
  inputOf,
  type Graph,
  type Input,
  type Node,
  type Shape,
  type TensorType,
  type Value,
} from '../../src-main/compute/graph/graph'
import { sizeOf } from '../../src-main/compute/parameters'

export type Numbers = Float64Array
export type Feeds = Readonly<Record<string, ArrayLike<number>>>

type Kernel = (node: Node, inputs: readonly Numbers[]) => Numbers | readonly Numbers[]

const shapeOf = (node: Node, index = 0): Shape => inputOf(node, index).shape
const outputShape = (node: Node, index = 0): Shape => (node.outputs[index] as TensorType).shape
const at = (numbers: Numbers, index: number) => numbers[index] as number
const attribute = (node: Node, name: string) => node.attributes[name] as Shape

function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number)
  return strides
}

/** The place of each number of `shape` in something else: how far one step along each axis leads there. */
function* places(shape: Shape, strides: readonly number[], start = 0): Generator<number> {
  const [length, ...rest] = shape
  const [stride = 0, ...others] = strides
  if (length === undefined) return yield start
  for (let i = 0; i < length; i++) yield* places(rest, others, start + i * stride)
}

function gathered(x: Numbers, size: number, from: Iterable<number>): Numbers {
  const y = new Float64Array(size)
  let index = 0
  for (const place of from) y[index++] = at(x, place)
  return y
}

/** x as it stands when it is broadcast to `to`. */
function spread(x: Numbers, shape: Shape, to: Shape): Numbers {
  const own = stridesOf(shape)
  const lacking = to.length - shape.length
  const strides = to.map((_, axis) =>
    axis < lacking || shape[axis - lacking] === 1 ? 0 : (own[axis - lacking] as number),
  )
  return gathered(x, sizeOf(to), places(to, strides))
}

/** For each number of x the place it has when `axes` are left out. */
function groups(shape: Shape, axes: readonly number[]): Iterable<number> {
  const kept = stridesOf(shape.filter((_, axis) => !axes.includes(axis)))
  let next = 0
  return places(
    shape,
    shape.map((_, axis) => (axes.includes(axis) ? 0 : (kept[next++] as number))),
  )
}

const each =
  (of: (x: number) => number): Kernel =>
  (_, [x]) =>
    (x as Numbers).map(of)

const two =
  (of: (a: number, b: number) => number): Kernel =>
  (node, [a, b]) => {
    const to = outputShape(node)
    const left = spread(a as Numbers, shapeOf(node), to)
    const right = spread(b as Numbers, shapeOf(node, 1), to)
    return left.map((value, index) => of(value, at(right, index)))
  }

const truth = (of: (a: number, b: number) => boolean): Kernel => two((a, b) => Number(of(a, b)))

const reduced =
  (start: number, of: (a: number, b: number) => number): Kernel =>
  (node, [x]) => {
    const y = new Float64Array(sizeOf(outputShape(node))).fill(start)
    let index = 0
    for (const place of groups(shapeOf(node), attribute(node, 'axes')))
      y[place] = of(at(y, place), at(x as Numbers, index++))
    return y
  }

const chosen =
  (isBetter: (a: number, b: number) => boolean): Kernel =>
  (node, [x]) => {
    const shape = shapeOf(node)
    const axis = Number(node.attributes['axis'])
    const best = new Float64Array(sizeOf(outputShape(node)))
    const y = new Float64Array(best.length).fill(-1)
    const along = [
      ...places(
        shape,
        shape.map((_, each) => (each === axis ? 1 : 0)),
      ),
    ]
    let index = 0
    for (const place of groups(shape, [axis])) {
      const value = at(x as Numbers, index)
      const position = along[index++] as number
      if (at(y, place) >= 0 && !isBetter(value, at(best, place))) continue
      best[place] = value
      y[place] = position
    }
    return y
  }

/** Row by row over the last axis. */
const rowwise =
  (of: (row: Numbers) => Numbers): Kernel =>
  (node, [x]) => {
    const width = shapeOf(node).at(-1) ?? 1
    const y = new Float64Array((x as Numbers).length)
    for (let start = 0; start < y.length; start += width)
      y.set(of((x as Numbers).subarray(start, start + width)), start)
    return y
  }

const sum = (row: Numbers) => row.reduce((total, value) => total + value, 0)
function logSoftmax(row: Numbers): Numbers {
  const most = Math.max(...row)
  const total = Math.log(sum(row.map((value) => Math.exp(value - most))))
  return row.map((value) => value - most - total)
}

/**
 * The error function, by the series whose terms are all of one sign (Abramowitz & Stegun 1972, 7.1.6): nothing
 * cancels, however large x is. Beyond 6 it is ±1 in float64.
 */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let total = x
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    total += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total
}

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

const root = Math.sqrt(2 / Math.PI)

const kernels: Readonly<Record<string, Kernel>> = {
  Exp: each(Math.exp),
  Log: each(Math.log),
  Log1p: each(Math.log1p),
  Expm1: each(Math.expm1),
  Sqrt: each(Math.sqrt),
  Rsqrt: each((x) => 1 / Math.sqrt(x)),
  Reciprocal: each((x) => 1 / x),
  Tanh: each(Math.tanh),
  Sigmoid: each((x) => 1 / (1 + Math.exp(-x))),
  Softplus: each((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Erf: each(erf),
  Sin: each(Math.sin),
  Cos: each(Math.cos),
  Neg: each((x) => -x),
  Abs: each(Math.abs),
  Sign: each(Math.sign),
  Square: each((x) => x * x),
  Relu: each((x) => Math.max(x, 0)),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Round: each((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  LogicalNot: each((x) => Number(x === 0)),
  Step: (node, [x]) => (x as Numbers).map((value) => (value > 0 ? 1 : Number(node.attributes['alpha']))),
  ClipByValue: (node, [x]) =>
    (x as Numbers).map((value) =>
      Math.min(Number(node.attributes['most']), Math.max(Number(node.attributes['least']), value)),
    ),
  Cast: (node, [x]) =>
    (x as Numbers).map(
      node.outputs[0]?.dtype === 'bool'
        ? (value) => Number(value !== 0)
        : node.outputs[0]?.dtype === 'int32'
          ? Math.trunc
          : (value) => value,
    ),
  FastGelu: each((x) => (x / 2) * (1 + Math.tanh(root * (x + 0.044715 * x ** 3)))),
  Add: two((a, b) => a + b),
  Sub: two((a, b) => a - b),
  Multiply: two((a, b) => a * b),
  RealDiv: two((a, b) => a / b),
  FloorDiv: two((a, b) => Math.floor(a / b)),
  Pow: two((a, b) => a ** b),
  Maximum: two(Math.max),
  Minimum: two(Math.min),
  Greater: truth((a, b) => a > b),
  GreaterEqual: truth((a, b) => a >= b),
  Less: truth((a, b) => a < b),
  LessEqual: truth((a, b) => a <= b),
  Equal: truth((a, b) => a === b),
  LogicalAnd: truth((a, b) => a * b !== 0),
  LogicalOr: truth((a, b) => a !== 0 || b !== 0),
  Select: (node, inputs) => {
    const [condition, t, e] = inputs.map((x, index) =>
      spread(x, shapeOf(node, index), outputShape(node)),
    ) as [Numbers, Numbers, Numbers]
    return condition.map((value, index) => at(value !== 0 ? t : e, index))
  },
  AddN: (_, inputs) => inputs.reduce((total, x) => total.map((value, index) => value + at(x, index))),
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
    for (const start of places(
      shape.map((all, each) => (each === axis ? 1 : all)),
      stridesOf(shape),
    )) {
      let total = 0
      for (let step = 0; step < length; step++) {
        const place = start + (reverse ? length - 1 - step : step) * stride
        y[place] = exclusive ? total : total + at(x as Numbers, place)
        total += at(x as Numbers, place)
      }
    }
    return y
  },
  BatchMatMul: product,
  Linear: (node, [x, w, bias]) => {
    const width = outputShape(node)[1] as number
    return (product({ ...node, attributes: {} }, [x as Numbers, w as Numbers]) as Numbers).map(
      (value, index) => value + at(bias as Numbers, index % width),
    )
  },
  Reshape: (_, [x]) => x as Numbers,
  Transpose: (node, [x]) => {
    const strides = stridesOf(shapeOf(node))
    const to = outputShape(node)
    return gathered(
      x as Numbers,
      sizeOf(to),
      places(
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
      ...places(
        to,
        to.map((_, each) => (each === axis ? 1 : 0)),
      ),
    ])
    for (; index < y.length; index++)
      y[index] = at(
        x as Numbers,
        ofAxis.reduce(
          (place, along, axis) =>
            place + ((along[index] as number) % (shape[axis] as number)) * (strides[axis] as number),
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
      for (const place of places(shape, strides, start * (strides[axis] as number))) y[place] = at(x, index++)
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
        places(shape, strides, start * (strides[axis] as number)),
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
      places(
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
    for (const place of places(
      shapeOf(node),
      strides,
      attribute(node, 'before').reduce(
        (start, before, axis) => start + before * (strides[axis] as number),
        0,
      ),
    ))
      y[place] = at(x as Numbers, index++)
    return y
  },
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
      const cut = (x: Numbers, place: number) => x.subarray(place * width, (place + 1) * width)
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

/** The kernels a recorded graph may have here. */
export const float64Kernels: ReadonlySet<string> = new Set(Object.keys(kernels))

/** @returns the graph's outputs by name. @throws when there is no formula for a kernel */
export function runInFloat64(graph: Graph, feeds: Feeds): Record<string, Numbers> {
  const computed = new Map<Value, Numbers>()
  function numbersOf(value: Value): Numbers {
    if (value.kind === 'input') return fed(value)
    if (value.kind === 'constant') return Float64Array.from(value.data)
    if (value.kind === 'splat') return new Float64Array(sizeOf(value.shape)).fill(value.value)
    return computed.get(value) as Numbers
  }
  function fed({ name }: Input): Numbers {
    const numbers = feeds[name]
    if (!numbers) throw new Error(`the graph needs "${name}"`)
    return Float64Array.from(numbers)
  }
  for (const node of graph.nodes) {
    const kernel = kernels[node.kernel]
    if (!kernel) throw new Error(`there is no float64 formula for ${node.kernel}`)
    const results = [kernel(node, node.inputs.map(numbersOf))].flat() as Numbers[]
    node.outputs.forEach((output, index) => computed.set(output, results[index] as Numbers))
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, numbersOf(value)]))
}

/** Plain numbers of a batch. */
export const feedsOf = (batch: Batch): Feeds =>
  Object.fromEntries(Object.entries(batch).map(([name, { data }]: [string, HostTensor]) => [name, data]))
