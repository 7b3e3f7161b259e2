/**
 * A tensor in a file, and its numbers as float32: read in pieces of a few megabytes, whatever the size of the
 * tensor.
 */
import { crc32 } from 'node:zlib'
import { sizeOf } from '../../compute/parameters'
import type { ByteFile } from './byte-file'
import type { ElementType } from './element-type'
import { elementTypes, readableTypes } from './element-types'
import { refuse } from './refusal'

export interface StoredTensor {
  readonly name: string
  /** Row-major: the last size is that of what stands together. */
  readonly shape: readonly number[]
  /**
   * As its file calls it: "F32", "Q4_K". Numbers of another type than those in `elementTypes` cannot be read.
   */
  readonly type: string
  readonly file: ByteFile
  /** Byte of the file at which it begins. */
  readonly begin: number
  /** CRC-32 that its bytes must have, where the file says. */
  readonly checksum?: number
}

/** What is said of bytes whose checksum is another. */
export const changed =
  'is not as it was written: bits of it have changed on the disk. Take an earlier checkpoint, or a copy of this file'

const pieceBytes = 4 * 2 ** 20

/** @throws WeightsError naming the tensor when its numbers are of a type that is not read */
export function elementTypeOf({ name, type }: StoredTensor): ElementType {
  if (!Object.hasOwn(elementTypes, type))
    refuse(`the tensor "${name}" is of type ${type}; only ${readableTypes} are read`)
  return elementTypes[type]!
}

/**
 * All numbers in order.
 * @param into as many as the tensor has.
 * @throws WeightsError naming the tensor and the first number that is none
 */
export async function readNumbers(tensor: StoredTensor, into: Float32Array): Promise<void> {
  if (into.length !== sizeOf(tensor.shape))
    throw new Error(`"${tensor.name}" has the shape [${tensor.shape}], not ${into.length} numbers`)
  await readPieces(tensor, 1, (piece, start) => into.set(piece, start))
}

/**
 * All numbers in order, in pieces of some megabytes.
 * @param unit a piece has a multiple of so many numbers, but for the last
 * @param use may keep nothing of the piece, which is written again
 * @throws as `readNumbers`
 */
export async function readPieces(
  tensor: StoredTensor,
  unit: number,
  use: (piece: Float32Array, start: number) => void,
): Promise<void> {
  const { blockNumbers, blockBytes, decode } = elementTypeOf(tensor)
  const count = sizeOf(tensor.shape)
  const together = unit * blockNumbers
  const most = Math.floor((pieceBytes / blockBytes) * blockNumbers)
  const pieceNumbers = Math.max(1, Math.floor(most / together)) * together
  const room = new Float32Array(Math.min(count, pieceNumbers))
  let sum = 0
  for (let start = 0; start < count; start += pieceNumbers) {
    const piece = room.subarray(0, Math.min(pieceNumbers, count - start))
    const bytes = await tensor.file.read(
      tensor.begin + (start / blockNumbers) * blockBytes,
      (piece.length / blockNumbers) * blockBytes,
    )
    if (tensor.checksum !== undefined) sum = crc32(bytes, sum)
    decode(bytes, piece)
    checkNumbers(tensor.name, piece, start)
    use(piece, start)
  }
  if (tensor.checksum !== undefined && sum !== tensor.checksum)
    refuse(`the tensor "${tensor.name}" ${changed}`)
}

/** Whether two tensors hold the same numbers; read in pieces, up to the first that differs. */
export async function areEqual(one: StoredTensor, other: StoredTensor): Promise<boolean> {
  if (one.shape.join() !== other.shape.join()) return false
  const [rows, columns] = [one.shape[0] ?? 1, sizeOf(one.shape.slice(1))]
  const count = Math.max(1, Math.floor(pieceBytes / 4 / columns))
  for (let first = 0; first < rows; first += count) {
    const piece = Math.min(count, rows - first)
    const [here, there] = [rowsOf(one, first, piece), rowsOf(other, first, piece)]
    const [a, b] = [new Float32Array(piece * columns), new Float32Array(piece * columns)]
    await Promise.all([readNumbers(here, a), readNumbers(there, b)])
    if (a.some((value, i) => value !== b[i])) return false
  }
  return true
}

/** Some rows of a tensor, as a tensor. */
function rowsOf({ checksum: _whole, ...tensor }: StoredTensor, first: number, rows: number): StoredTensor {
  const columns = sizeOf(tensor.shape.slice(1))
  const { blockNumbers, blockBytes } = elementTypeOf(tensor)
  return {
    ...tensor,
    shape: [rows, ...tensor.shape.slice(1)],
    begin: tensor.begin + ((first * columns) / blockNumbers) * blockBytes,
  }
}

/**
 * A matrix with its axes exchanged: stored [rows, columns], `into` [columns, rows].
 * @param rowAt where row r of the file belongs; itself when it is left out
 */
export async function readTransposed(
  tensor: StoredTensor,
  into: Float32Array,
  rowAt?: (row: number) => number,
): Promise<void> {
  const [rows, columns] = tensor.shape as [number, number]
  const { blockNumbers, blockBytes, decode } = elementTypeOf(tensor)
  const rowBytes = (columns / blockNumbers) * blockBytes
  const pieceRows = Math.max(1, Math.floor(pieceBytes / rowBytes))
  const room = new Float32Array(Math.min(rows, pieceRows) * columns)
  for (let first = 0; first < rows; first += pieceRows) {
    const count = Math.min(pieceRows, rows - first)
    const piece = room.subarray(0, count * columns)
    decode(await tensor.file.read(tensor.begin + first * rowBytes, count * rowBytes), piece)
    checkNumbers(tensor.name, piece, first * columns)
    const places = Array.from({ length: count }, (_, row) => (rowAt ? rowAt(first + row) : first + row))
    scatterRows(piece, places, columns, into, rows)
  }
}

/**
 * Rows of `piece` become columns of `into`, which is as wide as `width`; in squares, so that both sides stay
 * in the processor's cache.
 */
export function scatterRows(
  piece: Float32Array,
  places: readonly number[],
  columns: number,
  into: Float32Array,
  width: number,
): void {
  const side = 32
  for (let top = 0; top < places.length; top += side) {
    for (let left = 0; left < columns; left += side) {
      const bottom = Math.min(top + side, places.length)
      const right = Math.min(left + side, columns)
      for (let column = left; column < right; column++)
        for (let row = top; row < bottom; row++)
          into[column * width + places[row]!] = piece[row * columns + column]!
    }
  }
}

function checkNumbers(name: string, numbers: Float32Array, start: number): void {
  for (let i = 0; i < numbers.length; i++)
    if (!Number.isFinite(numbers[i]))
      refuse(`number ${start + i + 1} of the tensor "${name}" is ${numbers[i]}`)
}
