/**
 * Whole numbers as differences, in blocks of packed values (Parquet's DELTA_BINARY_PACKED), and the texts
 * whose lengths stand so (DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY).
 */
import { bitsAt, type Next } from './hybrid'
import { byteOf, EndsEarly, varint, type Walk } from './thrift'

interface Block {
  readonly perMiniblock: number
  readonly miniblocks: number
  readonly count: number
}

/** @returns the numbers, wrapped to 32 or 64 bits as those who write them do */
export function deltaNumbers(walk: Walk, isWide: boolean): Next<bigint> {
  const { perMiniblock, miniblocks } = blockOf(walk)
  const wrap = (value: bigint): bigint => BigInt.asIntN(isWide ? 64 : 32, value)
  let value = wrap(wideZigzag(walk))
  let isFirst = true
  let least = 0n
  let widths: number[] = []
  let width = 0
  let left = 0
  let bit = 0
  const begin = (): void => {
    if (widths.length === 0) {
      least = wideZigzag(walk)
      widths = Array.from({ length: miniblocks }, () => byteOf(walk))
    }
    width = widths.shift() ?? 0
    bit = walk.at * 8
    walk.at += (perMiniblock * width) / 8
    left = perMiniblock
  }
  return () => {
    if (isFirst) {
      isFirst = false
      return value
    }
    if (left === 0) begin()
    left--
    value = wrap(value + least + wideBits(walk.bytes, bit, width))
    bit += width
    return value
  }
}

/** Texts whose lengths come first, all of them. */
export function lengthsThenBytes(bytes: Uint8Array): Next<Uint8Array> {
  const lengths = deltaNumbers({ bytes, at: 0 }, false)
  const walk: Walk = { bytes, at: endOfDeltas(bytes, 0) }
  return () => take(walk, Number(lengths()))
}

/** Texts that begin as the one before: how much of it, then the rest as lengths and bytes. */
export function sharedBeginnings(bytes: Uint8Array, longest: number): Next<Uint8Array> {
  const shared = deltaNumbers({ bytes, at: 0 }, false)
  const rests = lengthsThenBytes(bytes.subarray(endOfDeltas(bytes, 0)))
  let before: Uint8Array = new Uint8Array(0)
  return () => {
    const length = Number(shared())
    const rest = rests()
    if (length < 0 || length > before.length) throw new Error('a text in it begins as no text before it does')
    if (length + rest.length > longest) throw new Error(`a text in it has more than ${longest} bytes`)
    before = length === 0 ? rest : Buffer.concat([before.subarray(0, length), rest])
    return before
  }
}

/** Where the numbers that begin at `at` end. */
function endOfDeltas(bytes: Uint8Array, at: number): number {
  const walk: Walk = { bytes, at }
  const { count, miniblocks, perMiniblock } = blockOf(walk)
  wideZigzag(walk)
  for (let left = count - 1; left > 0;) {
    wideZigzag(walk)
    const widths = Array.from({ length: miniblocks }, () => byteOf(walk))
    for (const width of widths) {
      if (left <= 0) break
      walk.at += (perMiniblock * width) / 8
      left -= perMiniblock
    }
  }
  if (walk.at > bytes.length) throw new EndsEarly()
  return walk.at
}

function blockOf(walk: Walk): Block {
  const size = varint(walk)
  const miniblocks = varint(walk)
  const count = varint(walk)
  const perMiniblock = size / miniblocks
  if (miniblocks > walk.bytes.length || perMiniblock % 8 !== 0 || perMiniblock === 0)
    throw new Error(`its blocks have ${size} numbers in ${miniblocks} parts`)
  return { perMiniblock, miniblocks, count }
}

function take(walk: Walk, length: number): Uint8Array {
  if (length < 0 || length > walk.bytes.length - walk.at) throw new EndsEarly()
  walk.at += length
  return walk.bytes.subarray(walk.at - length, walk.at)
}

function wideZigzag(walk: Walk): bigint {
  let value = 0n
  for (let length = 0; length < 10; length++) {
    const byte = byteOf(walk)
    value |= BigInt(byte & 0x7f) << BigInt(7 * length)
    if (byte < 0x80) return (value >> 1n) ^ -(value & 1n)
  }
  throw new Error('a number in it has no end')
}

function wideBits(bytes: Uint8Array, place: number, width: number): bigint {
  if (width > 64) throw new Error(`its values have ${width} bits`)
  if (width <= 32) return BigInt(bitsAt(bytes, place, width))
  return BigInt(bitsAt(bytes, place, 32)) | (BigInt(bitsAt(bytes, place + 32, width - 32)) << 32n)
}
