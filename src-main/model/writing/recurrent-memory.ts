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

/** Each part as [rows, size]. Takes the parts named by `nextOf`, of the same shape. */
export function recurrentMemory(shape: StateShape, rows: number): Memory {
  const parts = new Map<string, Float32Array>(
    Object.entries(shape).map(([part, { size, initial }]) => [
      part,
      new Float32Array(rows * size).fill(initial),
    ]),
  )
  const sizeOf = (part: string): number => shape[part]!.size
  const rowOf = (part: string, row: number): Float32Array =>
    parts.get(part)!.subarray(row * sizeOf(part), (row + 1) * sizeOf(part))

  const tensors = (): Batch =>
    Object.fromEntries([...parts].map(([part, data]) => [part, { shape: [rows, sizeOf(part)], data }]))

  return {
    rows,
    inputs: tensors,
    outputs: () => ({}),
    take(read, positions) {
      const isWhole = positions.every((position) => position !== idle)
      for (const part of parts.keys()) {
        const from = read[nextOf(part)]!.data as Float32Array
        if (isWhole) parts.set(part, from)
        else
          positions.forEach((position, row) => {
            if (position !== idle)
              rowOf(part, row).set(from.subarray(row * sizeOf(part), (row + 1) * sizeOf(part)))
          })
      }
    },
    startRow(row, prefix) {
      for (const [part, { initial }] of Object.entries(shape)) {
        const from = prefix.parts[part]
        if (from) rowOf(part, row).set(from)
        else rowOf(part, row).fill(initial)
      }
    },
    savedRow: (row, tokens) => ({
      tokens,
      parts: Object.fromEntries([...parts.keys()].map((part) => [part, rowOf(part, row).slice()])),
    }),
    keepRows(kept, fewer) {
      const smaller = recurrentMemory(shape, fewer)
      kept.forEach((row, i) =>
        smaller.startRow(i, {
          tokens: 0,
          parts: Object.fromEntries([...parts.keys()].map((part) => [part, rowOf(part, row)])),
        }),
      )
      return smaller
    },
  }
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
