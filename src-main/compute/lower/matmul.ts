/**
 * Products of matrices. The two kernels that TensorFlow.js does not have are called by `fused.ts`.
 */
import { inputOf, type DataType, type Node, type Value } from '../graph/graph'
import type { OnnxAttribute } from './onnx'
import type { Emitter } from './emitter'
import { gemm } from './gemm'
import { appendOne, broadcastShape, lengthAt, type Row, type Table } from './row'

function float(value: Value): Value {
  if (value.dtype !== 'float32')
    throw new Error(
      `a product of ${value.dtype satisfies DataType} matrices is not recorded: cast them to float32`,
    )
  return value
}

/**
 * a [..., m, k] · b [..., k, n] → [..., m, n], each transposed in its last two axes when told; times `scale`.
 */
const product: Row = {
  record: ({ input, attributes }, append) => {
    const a = float(input('a'))
    const b = float(input('b'))
    const how = {
      transposeA: Boolean(attributes['transposeA']),
      transposeB: Boolean(attributes['transposeB']),
      scale: Number(attributes['scale'] ?? 1),
    }
    const rows = lengthAt(a.shape, how.transposeA ? -1 : -2)
    const columns = lengthAt(b.shape, how.transposeB ? -2 : -1)
    const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]
    return appendOne(append, 'BatchMatMul', [a, b], how, { shape, dtype: 'float32' })
  },
  lower: (node, emit) => {
    const { transposeA, transposeB, scale } = node.attributes
    const a = inputOf(node, 0)
    const b = inputOf(node, 1)
    const attributes: Record<string, OnnxAttribute> = {
      ...(transposeA ? { transA: 1 } : {}),
      ...(transposeB ? { transB: 1 } : {}),
      ...(scale === 1 ? {} : { alpha: { float: Number(scale) } }),
    }
    if (a.shape.length === 2 && b.shape.length === 2)
      return gemm(emit, {
        a,
        b,
        transposeA: Boolean(transposeA),
        transposeB: Boolean(transposeB),
        scale: Number(scale),
      })
    if (Object.keys(attributes).length === 0) return emit.node('MatMul', [emit.name(a), emit.name(b)])
    if (emit.has('FusedMatMul'))
      return emit.node('FusedMatMul', [emit.name(a), emit.name(b)], attributes, 'com.microsoft')
    const result = emit.node('MatMul', [
      transposeA ? transposed(emit, a) : emit.name(a),
      transposeB ? transposed(emit, b) : emit.name(b),
    ])
    return scale === 1 ? result : emit.node('Mul', [result, emit.scalar('float32', Number(scale))])
  },
}

/** The last two axes change places. */
function transposed(emit: Emitter, value: Value): string {
  const rank = value.shape.length
  return emit.node('Transpose', [emit.name(value)], {
    perm: value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis)),
  })
}

/** x [rows, in] · w [in, out] + bias [out] → [rows, out]; w is [out, in] when it `isTurned`. */
const linear: Row = {
  record: ({ kernel, input }, append) => {
    const [x, w, bias] = [float(input('x')), float(input('w')), float(input('bias'))]
    return appendOne(
      append,
      kernel,
      [x, w, bias],
      {},
      { shape: [lengthAt(x.shape, 0), lengthAt(w.shape, 1)], dtype: 'float32' },
    )
  },
  lower: (node: Node, emit: Emitter) =>
    gemm(
      emit,
      {
        a: inputOf(node, 0),
        b: inputOf(node, 1),
        transposeA: false,
        transposeB: Boolean(node.attributes['isTurned']),
        scale: 1,
      },
      inputOf(node, 2),
    ),
}

export const products: Table = {
  BatchMatMul: product,
  ScaledMatMul: { record: product.record },
  Linear: linear,
}
