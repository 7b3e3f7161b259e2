/**
 * What a recurrent network remembers of a batch that is being written: for each row a state of fixed size,
 * however much it has read; on the host.
 */
import type { Batch, HostTensor } from '../../compute/engine'
import { idle, type Memory, type Prefix } from '../network'

/** The parts of one row's state by name: how many numbers, and what each is before anything is read. */
export type StateShape = Readonly<Record<string, { readonly size: number; readonly initial: number }>>

/** Bytes of one row. */
export const recurrentRowBytes = (shape: StateShape): number =>
  Object.values(shape).reduce((bytes, { size }) => bytes + size * Float32Array.BYTES_PER_ELEMENT, 0)

/** The program's output that becomes a part of the state. */
export const nextOf = (part: string): string => `next.${part}`

/** A state that has read nothing: each part as [rows, size]. */
const nothingIn = (shape: StateShape, rows: number): Map<string, Float32Array> =>
  new Map(
    Object.entries(shape).map(([part, { size, initial }]) => [
      part,
      new Float32Array(rows * size).fill(initial),
    ]),
  )

/** Each part as [rows, size]. Takes the parts named by `nextOf`, of the same shape. */
export function recurrentMemory(shape: StateShape, rows: number): Memory {
  const parts = nothingIn(shape, rows)
  const sizeOf = (part: string): number => shape[part]!.size
  const rowOf = (part: string, row: number): Float32Array =>
    parts.get(part)!.subarray(row * sizeOf(part), (row + 1) * sizeOf(part))

  const tensors = (): Batch =>
    Object.fromEntries([...parts].map(([part, data]) => [part, { shape: [rows, sizeOf(part)], data }]))

  const savedRow = (row: number, tokens: number): Prefix => ({
    tokens,
    parts: Object.fromEntries([...parts.keys()].map((part) => [part, rowOf(part, row).slice()])),
  })

  return {
    rows,
    inputs: tensors,
    outputs: () => ({}),
    take(read, positions) {
      const isWhole = positions.every((position) => position !== idle)
      for (const [part, before] of parts) {
        const from = read[nextOf(part)]!.data as Float32Array
        if (isWhole) parts.set(part, from)
        else copyBusyRows(from, before, sizeOf(part), positions)
      }
    },
    startRow(row, prefix) {
      for (const [part, { initial }] of Object.entries(shape)) {
        const from = prefix.parts[part]
        if (from) rowOf(part, row).set(from)
        else rowOf(part, row).fill(initial)
      }
    },
    savedRow,
    keepRows(kept, fewer) {
      const smaller = recurrentMemory(shape, fewer)
      kept.forEach((row, i) => smaller.startRow(i, savedRow(row, 0)))
      return smaller
    },
  }
}

/** Rows of one part, those that have read a token. @param size numbers of a row */
function copyBusyRows(
  from: Float32Array,
  to: Float32Array,
  size: number,
  positions: ArrayLike<number>,
): void {
  for (let row = 0; row < positions.length; row++)
    if (positions[row] !== idle) to.set(from.subarray(row * size, (row + 1) * size), row * size)
}

/** The prefixes of prompts that were read at once. @param read the parts named by `nextOf`, [R, size] each */
export function recurrentPrefixes(
  shape: StateShape,
  read: Readonly<Record<string, HostTensor>>,
  lengths: readonly number[],
): Prefix[] {
  return lengths.map((tokens, row) => ({
    tokens,
    parts: Object.fromEntries(
      Object.entries(shape).map(([part, { size }]) => [
        part,
        (read[nextOf(part)]!.data as Float32Array).slice(row * size, (row + 1) * size),
      ]),
    ),
  }))
}
