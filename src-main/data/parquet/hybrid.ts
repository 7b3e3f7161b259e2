/**
 * Levels and places in a dictionary: runs of one value, and values packed by the bit, in turn (Parquet's
 * encoding RLE). Read one after the other, so that a run of any length takes no memory.
 */
import { EndsEarly, varint, type Walk } from './thrift'

export type Next<T> = () => T

/** @param width bits of a value, at most 32 */
export function hybridValues(bytes: Uint8Array, width: number): Next<number> {
  if (width === 0) return () => 0
  if (width > 32) throw new Error(`its values have ${width} bits`)
  const walk: Walk = { bytes, at: 0 }
  let left = 0
  let value = 0
  let bit = -1 // of the next packed value; none in a run of one value
  const begin = (): void => {
    const head = varint(walk)
    left = Math.floor(head / 2)
    bit = -1
    if (head % 2 === 1) {
      bit = walk.at * 8
      walk.at += left * width
      left *= 8
    } else {
      value = bitsAt(bytes, walk.at * 8, 8 * Math.ceil(width / 8))
      walk.at += Math.ceil(width / 8)
    }
  }
  return () => {
    while (left === 0) begin()
    left--
    if (bit < 0) return value
    bit += width
    return bitsAt(bytes, bit - width, width)
  }
}

/** A number of at most 32 bits, the lowest first, from a place counted in bits. */
export function bitsAt(bytes: Uint8Array, place: number, width: number): number {
  let value = 0
  for (let got = 0; got < width;) {
    const from = (place + got) % 8
    const take = Math.min(8 - from, width - got)
    const byte = bytes[Math.floor((place + got) / 8)]
    if (byte === undefined) throw new EndsEarly()
    value += ((byte >> from) & ((1 << take) - 1)) * 2 ** got
    got += take
  }
  return value
}
