/**
 * Weight matrices in 8 bits: blocks of 32 numbers along the input, each block with a scale of its own.
 *
 *   w ≈ s · (q − 128),   s = max |w| / 127 over the block,   q = 128 + round(w / s)
 *
 * So no number is off by more than s / 2. Source: Dettmers et al. 2022, "8-bit Optimizers via Block-wise
 * Quantization", §2.1, with evenly spaced numbers; llama.cpp's Q8_0 has the same blocks. Laid out as ONNX
 * Runtime's com.microsoft.MatMulNBits reads it.
 */

/** Numbers that share a scale. */
export const BLOCK = 32
export const ZERO = 128
const MOST = 127
const HALF_UP = ZERO + 0.5

export interface EightBitMatrix {
  /** Inputs of the product, and its outputs. */
  readonly inner: number
  readonly columns: number
  /** Of one output; the last is filled up with zeros. */
  readonly blocks: number
  /** q — shape [columns, blocks, BLOCK] */
  readonly numbers: Uint8Array
  /** s — shape [columns · blocks] */
  readonly scales: Float32Array
}

interface Sizes {
  readonly inner: number
  readonly columns: number
  /** Whether w is stored [columns, inner], and not [inner, columns]. */
  readonly isTransposed: boolean
}

/** A matrix that is a weight, with the way round that it is stored: `Sizes.isTransposed`. */
export interface HeldWeight {
  readonly matrix: EightBitMatrix
  readonly isTransposed: boolean
}

/** @param matrix w, of shape [inner, columns], or [columns, inner] when it is transposed */
export function inEightBits(matrix: Float32Array, sizes: Sizes): EightBitMatrix {
  const made = zeroInEightBits(sizes)
  writeRows({ matrix: made, isTransposed: sizes.isTransposed }, matrix, 0)
  return made
}

/** All zero, to be written. */
export function zeroInEightBits({ inner, columns }: Pick<Sizes, 'inner' | 'columns'>): EightBitMatrix {
  const blocks = Math.ceil(inner / BLOCK)
  return {
    inner,
    columns,
    blocks,
    numbers: new Uint8Array(columns * blocks * BLOCK).fill(ZERO),
    scales: new Float32Array(columns * blocks),
  }
}

/** How many rows a piece of a weight must be a multiple of, so that no block is cut. */
export const rowsTogether = ({ isTransposed }: Pick<HeldWeight, 'isTransposed'>): number =>
  isTransposed ? 1 : BLOCK

/**
 * Some rows of a weight as it is stored.
 * @param first of them, a multiple of `rowsTogether`
 */
export function writeRows({ matrix, isTransposed }: HeldWeight, rows: Float32Array, first: number): void {
  const { inner, columns, blocks } = matrix
  if (isTransposed) {
    for (let row = 0; row < rows.length / inner; row++)
      for (let block = 0; block < blocks; block++) {
        const from = row * inner + block * BLOCK
        const length = Math.min(BLOCK, inner - block * BLOCK)
        writeBlock(matrix, (first + row) * blocks + block, { values: rows, from, length, stride: 1 })
      }
    return
  }
  const count = rows.length / columns
  for (let start = 0; start < count; start += BLOCK)
    for (let column = 0; column < columns; column++) {
      const to = column * blocks + (first + start) / BLOCK
      const length = Math.min(BLOCK, count - start)
      writeBlock(matrix, to, { values: rows, from: start * columns + column, length, stride: columns })
    }
}

interface Piece {
  readonly values: Float32Array
  readonly from: number
  readonly length: number
  readonly stride: number
}

function writeBlock({ numbers, scales }: EightBitMatrix, to: number, piece: Piece): void {
  const { values, from, length, stride } = piece
  const most = largest(values, from, length, stride)
  const inverse = MOST / most
  scales[to] = most / MOST
  if (most > 0)
    for (let i = 0; i < length; i++)
      // cut to whole numbers
      numbers[to * BLOCK + i] = (values[from + i * stride] as number) * inverse + HALF_UP
}

/** The numbers that a weight has become, as it is stored. */
export function writtenOut({ matrix, isTransposed }: HeldWeight): Float32Array {
  const { inner, columns, blocks, numbers, scales } = matrix
  const values = new Float32Array(inner * columns)
  for (let column = 0; column < columns; column++)
    for (let i = 0; i < inner; i++) {
      const block = column * blocks + Math.floor(i / BLOCK)
      const at = isTransposed ? column * inner + i : i * columns + column
      values[at] = ((numbers[block * BLOCK + (i % BLOCK)] as number) - ZERO) * (scales[block] as number)
    }
  return values
}

/** Bytes of a matrix of so many numbers. */
export const bytesInEightBits = ({ inner, columns }: Pick<Sizes, 'inner' | 'columns'>): number =>
  columns * Math.ceil(inner / BLOCK) * (BLOCK + Float32Array.BYTES_PER_ELEMENT)

/** max |w|; not-a-number when one of them is none, and so is then every result of the block. */
function largest(values: Float32Array, from: number, length: number, stride: number): number {
  let most = 0
  for (let i = 0; i < length; i++) most = Math.max(most, Math.abs(values[from + i * stride] as number))
  return most
}
