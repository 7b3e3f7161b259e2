/**
 * The product of two matrices, written the way ONNX Runtime's CPU provider is fastest at. It repacks its
 * right operand for every product and reads a transposed left operand against the grain, so a product may be
 * worth a transposition. Measured on two cores (resources/docs/performance.md).
 */
import { BLOCK, type EightBitMatrix } from '../eight-bits'
import type { Value } from '../graph/graph'
import type { OnnxAttribute } from './onnx'
import type { Emitter } from './emitter'
import { lengthAt } from './row'

export interface Factors {
  readonly a: Value
  readonly b: Value
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly scale: number
}

/**
 * Columns of a result from which on transposing the left operand first pays: it is read once for each of
 * them.
 */
const FEWEST_COLUMNS_FOR_TRANSPOSE = 640
/**
 * Rows of a result at which the right operand's repacking takes a good part of the time, and few enough to
 * transpose.
 */
const FEW_ROWS = { least: 64, most: 256 }
/** How many times larger the right operand must be than the left one and the result together. */
const LARGER = 4

/** Rows up to which a bias is added by the product itself, whoever runs it. */
const MOST_ROWS_FOR_OWN_BIAS = 32

/**
 * Numbers in a weight matrix from which on 8 bits pay: a smaller one is read from the cache before its input
 * is quantised. The matrices of adapters are smaller, and keep their digits.
 */
export const FEWEST_NUMBERS_FOR_EIGHT_BITS = 65_536
/**
 * ONNX Runtime's name for products of integers: the input too is quantised, in the same blocks. Its other
 * levels write the weights out in float32 first.
 */
const IN_INTEGERS = 4

/** a · b of two matrices, each transposed when told, times `scale`; plus a bias for each column. */
export function gemm(emit: Emitter, factors: Factors, bias?: Value): string {
  const { a, b } = factors
  if (!bias) return product(emit, factors)
  // Gemm's own third operand is copied into the result by one thread first. Where there are several, an
  // addition afterwards takes a third of that.
  const isCopyCheap = emit.threads === 1 || lengthAt(a.shape, 0) <= MOST_ROWS_FOR_OWN_BIAS
  if (emit.target === 'cpu' && isCopyCheap && !emit.frozen(b)?.inEightBits)
    return emit.node(
      'Gemm',
      [emit.name(a), emit.name(b), emit.name(bias)],
      factors.transposeB ? { transB: 1 } : {},
    )
  return emit.node('Add', [product(emit, factors), emit.name(bias)])
}

function product(emit: Emitter, { a, b, transposeA, transposeB, scale }: Factors): string {
  const rows = lengthAt(a.shape, transposeA ? 1 : 0)
  const inner = lengthAt(a.shape, transposeA ? 0 : 1)
  const columns = lengthAt(b.shape, transposeB ? 0 : 1)
  const plain = (left: string, right: string, transA: boolean, transB: boolean) =>
    emit.node('Gemm', [left, right], {
      ...(transA ? { transA: 1 } : {}),
      ...(transB ? { transB: 1 } : {}),
      ...(scale === 1 ? {} : { alpha: { float: scale } }),
    } satisfies Record<string, OnnxAttribute>)

  const weights =
    transposeA || scale !== 1 || inner * columns < FEWEST_NUMBERS_FOR_EIGHT_BITS
      ? undefined
      : emit.frozen(b)?.inEightBits?.(transposeB)
  if (weights) return eightBitProduct(emit, emit.name(a), weights)
  if (emit.target !== 'cpu') return plain(emit.name(a), emit.name(b), transposeA, transposeB)
  // aᵀ·b: a transposed once, 1.5 times as fast
  if (transposeA && !transposeB && columns >= FEWEST_COLUMNS_FOR_TRANSPOSE)
    return plain(transposed(emit, emit.name(a)), emit.name(b), false, false)
  // a·b = (bᵀ·aᵀ)ᵀ, which repacks the small a instead of the large b; a frozen b is packed once
  const isWorthTurning =
    !emit.frozen(b) &&
    rows >= FEW_ROWS.least &&
    rows <= FEW_ROWS.most &&
    inner * columns >= LARGER * rows * (inner + columns)
  if (!transposeA && !transposeB && isWorthTurning)
    return transposed(emit, plain(emit.name(b), emit.name(a), true, true))
  return plain(emit.name(a), emit.name(b), transposeA, transposeB)
}

const transposed = (emit: Emitter, matrix: string): string =>
  emit.node('Transpose', [matrix], { perm: [1, 0] })

function eightBitProduct(
  emit: Emitter,
  a: string,
  { inner, columns, blocks, numbers, scales }: EightBitMatrix,
): string {
  const weights = [
    emit.constant('uint8', [columns, blocks, BLOCK], numbers),
    emit.constant('float32', [columns * blocks], scales),
  ]
  return emit.node(
    'MatMulNBits',
    [a, ...weights],
    { K: inner, N: columns, bits: 8, block_size: BLOCK, accuracy_level: IN_INTEGERS },
    'com.microsoft',
  )
}
