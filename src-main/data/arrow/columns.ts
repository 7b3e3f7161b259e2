/** The values of a column in one batch, read one at a time out of the batch's bytes. */
import { RowProblem } from '../refuse'
import { LONGEST_ROW_CHARACTERS, tooLong } from '../text/lines'
import { strictText } from '../text/strict'
import type { Batch } from './batch'
import { types, type ArrowField } from './schema'

/** What a row has taken so far: values may lie over each other, so that a few bytes are very many. */
export interface Room {
  characters: number
}

export type ValueAt = (index: number, room: Room) => unknown

type Dictionaries = ReadonlyMap<number, ValueAt>
type Layout = (field: ArrowField, batch: Batch, dictionaries: Dictionaries) => ValueAt

/** @throws Error for what the batch does not have, and for types that are not read */
export function columnIn(field: ArrowField, batch: Batch, dictionaries: Dictionaries): ValueAt {
  if (field.dictionary) return byPlace(field.dictionary, batch, dictionaries)
  const layout = layouts.get(field.type)
  if (!layout)
    throw new Error(`its column "${field.name}" has the type number ${field.type}, which is not read`)
  if (field.type === types.null) return () => null
  const isThere = bits(batch.buffer())
  const value = layout(field, batch, dictionaries)
  return (index, room) => (isThere(index) ? value(index, room) : null)
}

function byPlace(
  { id, places }: NonNullable<ArrowField['dictionary']>,
  batch: Batch,
  dictionaries: Dictionaries,
): ValueAt {
  const place = columnIn(places, batch, dictionaries)
  return (index, room) => {
    const at = place(index, room)
    const values = dictionaries.get(id)
    if (!values) throw new Error('a dictionary of it is missing')
    return at === null ? null : values(Number(at), room)
  }
}

/** No bits at all say that all are there. */
function bits(bytes: Buffer): (index: number) => boolean {
  if (bytes.length === 0) return () => true
  return (index) => ((bytes.readUInt8(index >> 3) >> (index & 7)) & 1) === 1
}

const weigh = (room: Room, characters: number): void => {
  room.characters += characters
  if (room.characters > LONGEST_ROW_CHARACTERS) throw new RowProblem(tooLong)
}

const numbers: Layout = ({ type, width, isSigned }, batch) => {
  const bytes = batch.buffer()
  if (type === types.float) {
    if (width === 2) return (index) => half(bytes.readUInt16LE(2 * index))
    return width === 4 ? (index) => bytes.readFloatLE(4 * index) : (index) => bytes.readDoubleLE(8 * index)
  }
  if (width === 8)
    return (index) => whole(isSigned ? bytes.readBigInt64LE(8 * index) : bytes.readBigUInt64LE(8 * index))
  return (index) =>
    isSigned ? bytes.readIntLE(width * index, width) : bytes.readUIntLE(width * index, width)
}

const whole = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value

/** IEEE 754 binary16. */
function half(value: number): number {
  const exponent = (value >> 10) & 0x1f
  const fraction = (value & 0x3ff) / 1024
  const sign = value >> 15 === 1 ? -1 : 1
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction)
}

const truths: Layout = (_, batch) => {
  const bytes = batch.buffer()
  return (index) => ((bytes.readUInt8(index >> 3) >> (index & 7)) & 1) === 1
}

type Spans = (index: number) => readonly [start: number, end: number]

function spans(bytes: Buffer, isLarge: boolean): Spans {
  const read = (index: number): number =>
    isLarge ? Number(bytes.readBigInt64LE(8 * index)) : bytes.readInt32LE(4 * index)
  return (index) => {
    const [start, end] = [read(index), read(index + 1)]
    if (!(start >= 0 && end >= start)) throw new Error('its texts do not follow each other')
    return [start, end]
  }
}

const texts =
  (isLarge: boolean): Layout =>
  ({ name }, batch) => {
    const span = spans(batch.buffer(), isLarge)
    const bytes = batch.buffer()
    return (index, room) => {
      const [start, end] = span(index)
      if (end > bytes.length) throw new Error('a text in it is longer than it')
      weigh(room, end - start)
      return strictText(bytes.subarray(start, end), name)
    }
  }

/** Short texts stand where the long ones say where they lie. */
const views: Layout = ({ name }, batch) => {
  const bytes = batch.buffer()
  const parts = batch.variadic()
  return (index, room) => {
    const at = 16 * index
    const length = bytes.readInt32LE(at)
    const isShort = length <= 12
    const part = isShort ? bytes : parts[bytes.readInt32LE(at + 8)]
    const start = isShort ? at + 4 : bytes.readInt32LE(at + 12)
    if (!part || length < 0 || start < 0 || start + length > part.length)
      throw new Error('a text in it is longer than it')
    weigh(room, length)
    return strictText(part.subarray(start, start + length), name)
  }
}

const lists =
  (isLarge: boolean, asMap = false): Layout =>
  ({ children: [child] }, batch, dictionaries) => {
    const span = spans(batch.buffer(), isLarge)
    if (!child) throw new Error('a list in it has no type')
    const value = columnIn(child, batch, dictionaries)
    return (index, room) => {
      const [start, end] = span(index)
      const list = valuesFrom(value, start, end - start, room)
      return asMap ? mapOf(list) : list
    }
  }

const fixedLists: Layout = ({ width, children: [child] }, batch, dictionaries) => {
  if (!child) throw new Error('a list in it has no type')
  const value = columnIn(child, batch, dictionaries)
  return (index, room) => valuesFrom(value, index * width, width, room)
}

function valuesFrom(value: ValueAt, start: number, length: number, room: Room): unknown[] {
  const list: unknown[] = []
  for (let index = 0; index < length; index++) {
    weigh(room, 1)
    list.push(value(start + index, room))
  }
  return list
}

const mapOf = (pairs: readonly unknown[]): unknown =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [key, value] = Object.values(pair as Readonly<Record<string, unknown>>)
      return [typeof key === 'string' ? key : JSON.stringify(key), value]
    }),
  )

const structs: Layout = ({ children }, batch, dictionaries) => {
  const columns = children.map((child) => [child.name, columnIn(child, batch, dictionaries)] as const)
  return (index, room) => Object.fromEntries(columns.map(([name, value]) => [name, value(index, room)]))
}

/** Bytes that mean nothing here: passed by, and refused where a row asks for them. */
const unread: Layout = ({ name }, batch) => {
  batch.buffer()
  return () => {
    throw new RowProblem(`"${name}" is no text and no number that is read`)
  }
}

const layouts: ReadonlyMap<number, Layout> = new Map([
  [types.null, numbers],
  [types.int, numbers],
  [types.float, numbers],
  [types.bool, truths],
  [types.binary, texts(false)],
  [types.utf8, texts(false)],
  [types.largeBinary, texts(true)],
  [types.largeUtf8, texts(true)],
  [types.binaryView, views],
  [types.utf8View, views],
  [types.date, numbers],
  [types.time, numbers],
  [types.timestamp, numbers],
  [types.duration, numbers],
  [types.decimal, unread],
  [types.fixedBinary, unread],
  [types.list, lists(false)],
  [types.largeList, lists(true)],
  [types.map, lists(false, true)],
  [types.fixedList, fixedLists],
  [types.struct, structs],
])
