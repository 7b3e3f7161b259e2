/** The values of a page as its column's type says, before anyone knows what they mean. */
import { deltaNumbers, lengthsThenBytes, sharedBeginnings } from './deltas'
import { bitsAt, hybridValues, type Next } from './hybrid'
import type { Page } from './pages'
import { EndsEarly } from './thrift'

export type Raw = boolean | number | bigint | Uint8Array

/** What the schema says of a column of values. */
export interface ValueType {
  readonly type: string
  /** Bytes of a value of fixed length. */
  readonly length: number
}

/** Bytes of one value; longer ones are refused before any is put together. */
const LONGEST_VALUE_BYTES = 64 << 20

/** By Parquet's numbers of encodings. */
const encodings: Readonly<Record<number, (bytes: Uint8Array, type: ValueType) => Next<Raw>>> = {
  0: plain,
  3: (bytes) => truths(bytes.subarray(4)),
  5: (bytes, { type }) => deltaNumbers({ bytes, at: 0 }, type === 'INT64'),
  6: (bytes) => lengthsThenBytes(bytes),
  7: (bytes) => sharedBeginnings(bytes, LONGEST_VALUE_BYTES),
  9: splitStreams,
}

/** @throws Error for an encoding that is not read */
export function valuesIn({ values, encoding }: Page, type: ValueType): Next<Raw> {
  const read = encodings[encoding]
  if (!read) throw new Error(`its values are written in encoding ${encoding}, which is not read`)
  return read(values, type)
}

export const isByDictionary = ({ encoding }: Page): boolean => encoding === 2 || encoding === 8

/** Places in the dictionary; the first byte says how many bits they have. */
export const placesIn = ({ values }: Page): Next<number> =>
  values.length === 0 ? () => 0 : hybridValues(values.subarray(1), values[0] ?? 0)

/** A dictionary's values, as many as its bytes hold. */
export function dictionaryOf({ values, entries }: Page, type: ValueType): readonly Raw[] {
  const next = plain(values, type)
  const all: Raw[] = []
  try {
    while (all.length < entries) all.push(next())
  } catch (error) {
    if (!(error instanceof EndsEarly)) throw error
    throw new Error(`a dictionary of it says it has ${entries} values and has ${all.length}`)
  }
  return all
}

const widths: Readonly<Record<string, number>> = { INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8 }

const numbers: Readonly<Record<string, (view: DataView, at: number) => Raw>> = {
  INT32: (view, at) => view.getInt32(at, true),
  INT64: (view, at) => view.getBigInt64(at, true),
  INT96: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, 12),
  FLOAT: (view, at) => view.getFloat32(at, true),
  DOUBLE: (view, at) => view.getFloat64(at, true),
}

function plain(bytes: Uint8Array, { type, length }: ValueType): Next<Raw> {
  if (type === 'BOOLEAN') return bits(bytes)
  if (type === 'BYTE_ARRAY') return texts(bytes)
  const width = type === 'FIXED_LEN_BYTE_ARRAY' ? length : (widths[type] ?? 0)
  if (!(width > 0)) throw new Error(`its values of the type ${type} have ${width} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const read = numbers[type]
  let at = 0
  return () => {
    if (at + width > bytes.length) throw new EndsEarly()
    at += width
    return read ? read(view, at - width) : bytes.subarray(at - width, at)
  }
}

function texts(bytes: Uint8Array): Next<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = 0
  return () => {
    if (at + 4 > bytes.length) throw new EndsEarly()
    const end = at + 4 + view.getUint32(at, true)
    if (end > bytes.length) throw new EndsEarly()
    const text = bytes.subarray(at + 4, end)
    at = end
    return text
  }
}

function bits(bytes: Uint8Array): Next<boolean> {
  let at = 0
  return () => bitsAt(bytes, at++, 1) === 1
}

function truths(bytes: Uint8Array): Next<boolean> {
  const next = hybridValues(bytes, 1)
  return () => next() === 1
}

/** All first bytes, then all second bytes … */
function splitStreams(bytes: Uint8Array, type: ValueType): Next<Raw> {
  const width = type.type === 'FIXED_LEN_BYTE_ARRAY' ? type.length : (widths[type.type] ?? 0)
  if (!(width > 0)) throw new Error(`its values of the type ${type.type} cannot be split by the byte`)
  const count = Math.floor(bytes.length / width)
  let index = 0
  return () => {
    if (index >= count) throw new EndsEarly()
    const value = new Uint8Array(width)
    for (let byte = 0; byte < width; byte++) value[byte] = bytes[byte * count + index] ?? 0
    index++
    return plain(value, type)()
  }
}
