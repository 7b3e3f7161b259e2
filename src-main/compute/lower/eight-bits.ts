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
const ZERO = 128
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

/** @param matrix w, of shape [inner, columns], or [columns, inner] when it is transposed */
export function inEightBits(
  matrix: Float32Array,
  {
    inner,
    columns,
    isTransposed,
  }: { readonly inner: number; readonly columns: number; readonly isTransposed: boolean },
): EightBitMatrix {
  const blocks = Math.ceil(inner / BLOCK)
  const stride = isTransposed ? 1 : columns
  const numbers = new Uint8Array(columns * blocks * BLOCK).fill(ZERO)
  const scales = new Float32Array(columns * blocks)
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK
    const length = Math.min(BLOCK, inner - start)
    for (let column = 0; column < columns; column++) {
      const from = isTransposed ? column * inner + start : start * columns + column
      const to = column * blocks + block
      const most = largest(matrix, from, length, stride)
      const inverse = MOST / most
      scales[to] = most / MOST
      if (most > 0)
        for (let i = 0; i < length; i++)
          // cut to whole numbers
          numbers[to * BLOCK + i] = (matrix[from + i * stride] as number) * inverse + HALF_UP
    }
  }
  return { inner, columns, blocks, numbers, scales }
}

/** max |w|; not-a-number when one of them is none, and so is then every result of the block. */
function largest(values: Float32Array, from: number, length: number, stride: number): number {
  let most = 0
  for (let i = 0; i < length; i++) most = Math.max(most, Math.abs(values[from + i * stride] as number))
  return most
}
