/**
 * Thrift's compact protocol, walked without building anything of it: every size that the bytes declare is held
 * against the bytes that are there. What follows such a walk may trust the sizes.
 */

/** Bytes and how far one came in them. */
export interface Walk {
  readonly bytes: Uint8Array
  at: number
}

/** The bytes end before what they began: of a piece, more may follow. */
export class EndsEarly extends Error {
  constructor() {
    super('it ends too early')
  }
}

/** Parquet's own structures are seven deep. */
const DEEPEST = 16

const kinds = {
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
}

/**
 * @param take is told each whole number and truth by the numbers of its fields: "5.1" is field 1 of field 5
 * @throws EndsEarly, or Error for what Parquet never writes
 */
export function walkStruct(
  walk: Walk,
  take?: (path: string, value: number) => void,
  path = '',
  depth = 0,
): void {
  if (depth > DEEPEST) throw new Error('its parts are nested too deep')
  let field = 0
  for (let head = byteOf(walk); (head & 0x0f) !== 0; head = byteOf(walk)) {
    field = head >> 4 === 0 ? zigzag(varint(walk)) : field + (head >> 4)
    const here = take === undefined ? '' : `${path}${field}`
    const kind = head & 0x0f
    if (kind === kinds.struct) walkStruct(walk, take, `${here}.`, depth + 1)
    else walkValue(walk, kind, depth, take && ((value) => take(here, value)))
  }
}

function walkValue(walk: Walk, kind: number, depth: number, take?: (value: number) => void): void {
  if (kind === kinds.true || kind === kinds.false) take?.(kind === kinds.true ? 1 : 0)
  else if (kind === kinds.byte) skip(walk, 1)
  else if (kind === kinds.i16 || kind === kinds.i32 || kind === kinds.i64) number(walk, take)
  else if (kind === kinds.double) skip(walk, 8)
  else if (kind === kinds.binary) skip(walk, varint(walk))
  else if (kind === kinds.list) walkList(walk, depth)
  else throw new Error(`it has a part of the unknown kind ${kind}`)
}

function number(walk: Walk, take?: (value: number) => void): void {
  const value = zigzag(varint(walk))
  take?.(value)
}

function walkList(walk: Walk, depth: number): void {
  const head = byteOf(walk)
  const kind = head & 0x0f
  const length = head >> 4 === 15 ? varint(walk) : head >> 4
  if (length > walk.bytes.length - walk.at) throw new EndsEarly() // every element has a byte at least
  for (let index = 0; index < length; index++) {
    if (kind === kinds.struct) walkStruct(walk, undefined, '', depth + 1)
    else if (kind === kinds.true || kind === kinds.false) skip(walk, 1)
    else if (depth > DEEPEST) throw new Error('its lists are nested too deep')
    else walkValue(walk, kind, depth + 1)
  }
}

export function byteOf(walk: Walk): number {
  const byte = walk.bytes[walk.at]
  if (byte === undefined) throw new EndsEarly()
  walk.at++
  return byte
}

function skip(walk: Walk, bytes: number): void {
  if (bytes > walk.bytes.length - walk.at) throw new EndsEarly()
  walk.at += bytes
}

/** An unsigned number of seven bits a byte, the lowest first; of 64 bits the highest 11 are not exact. */
export function varint(walk: Walk): number {
  let value = 0
  for (let length = 0; length < 10; length++) {
    const byte = byteOf(walk)
    value += (byte & 0x7f) * 2 ** (7 * length)
    if (byte < 0x80) return value
  }
  throw new Error('a number in it has no end')
}

export const zigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
