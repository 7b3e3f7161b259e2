/** The pages of one column in one row group, read from disk one after the other and unpacked. */
import type { ReadAt } from '../source-file'
import { unpackPage } from './codecs'
import { bytesBetween } from './footer'
import { EndsEarly, walkStruct, type Walk } from './thrift'

/** Where a column's pages lie, and how they are packed. */
export interface Chunk {
  readonly start: number
  readonly end: number
  readonly codec: string
  /** Whether its pages hold levels. */
  readonly hasRepetitions: boolean
  readonly hasDefinitions: boolean
}

export interface Page {
  readonly isDictionary: boolean
  /** Values, those that are not there included. */
  readonly entries: number
  readonly encoding: number
  readonly repetitions: Uint8Array
  readonly definitions: Uint8Array
  readonly values: Uint8Array
}

const types = { data: 0, dictionary: 2, dataV2: 3 }
const HEADER_BYTES = 1 << 14
const LONGEST_HEADER_BYTES = 1 << 24

/** @throws Error for what is damaged */
export async function* pagesOf(file: ReadAt, chunk: Chunk): AsyncGenerator<Page> {
  for (let at = chunk.start; at < chunk.end;) {
    const { fields, length } = await headerAt(file, at, chunk.end)
    const [packedLength, unpackedLength] = [sizeIn(fields, '3'), sizeIn(fields, '2')]
    const start = at + length
    if (packedLength > chunk.end - start) throw new Error('a page of it is longer than its column')
    const packed = await bytesBetween(file, start, start + packedLength)
    const page = await pageOf(chunk, fields, packed, unpackedLength)
    if (page) yield page
    at = start + packedLength
  }
}

type Fields = ReadonlyMap<string, number>

async function headerAt(
  file: ReadAt,
  at: number,
  end: number,
): Promise<{ readonly fields: Fields; readonly length: number }> {
  for (let window = HEADER_BYTES; ; window *= 8) {
    const bytes = await bytesBetween(file, at, Math.min(end, at + window))
    const fields = new Map<string, number>()
    const walk: Walk = { bytes, at: 0 }
    try {
      walkStruct(walk, (path, value) => fields.set(path, value))
      return { fields, length: walk.at }
    } catch (error) {
      const mayGoOn = error instanceof EndsEarly && at + window < end && window < LONGEST_HEADER_BYTES
      if (!mayGoOn) throw error
    }
  }
}

function pageOf(
  chunk: Chunk,
  fields: Fields,
  packed: Uint8Array,
  unpackedLength: number,
): Promise<Page | undefined> {
  const type = fields.get('1')
  if (type === types.data) return firstVersion(chunk, fields, packed, unpackedLength)
  if (type === types.dataV2) return secondVersion(chunk, fields, packed, unpackedLength)
  if (type === types.dictionary) return dictionaryPage(chunk, fields, packed, unpackedLength)
  return Promise.resolve(undefined) // an index
}

const none = new Uint8Array(0)

async function dictionaryPage(
  chunk: Chunk,
  fields: Fields,
  packed: Uint8Array,
  length: number,
): Promise<Page> {
  const values = await unpackPage(chunk.codec, packed, length)
  const entries = sizeIn(fields, '7.1')
  return { isDictionary: true, entries, encoding: 0, repetitions: none, definitions: none, values }
}

/** All is packed together; the levels say how long they are. */
async function firstVersion(chunk: Chunk, fields: Fields, packed: Uint8Array, length: number): Promise<Page> {
  const bytes = Buffer.from(await unpackPage(chunk.codec, packed, length))
  let at = 0
  const levels = (isThere: boolean): Uint8Array => {
    if (!isThere) return none
    if (at + 4 > bytes.length) throw new EndsEarly()
    const end = at + 4 + bytes.readUInt32LE(at)
    if (end > bytes.length) throw new EndsEarly()
    const taken = bytes.subarray(at + 4, end)
    at = end
    return taken
  }
  const repetitions = levels(chunk.hasRepetitions)
  const definitions = levels(chunk.hasDefinitions)
  return {
    isDictionary: false,
    entries: sizeIn(fields, '5.1'),
    encoding: sizeIn(fields, '5.2'),
    repetitions,
    definitions,
    values: bytes.subarray(at),
  }
}

/** Levels come first and unpacked. */
async function secondVersion(
  chunk: Chunk,
  fields: Fields,
  packed: Uint8Array,
  length: number,
): Promise<Page> {
  const repetitionBytes = sizeIn(fields, '8.6')
  const levelBytes = repetitionBytes + sizeIn(fields, '8.5')
  if (levelBytes > packed.length || levelBytes > length) throw new EndsEarly()
  const rest = packed.subarray(levelBytes)
  const isPacked = fields.get('8.7') !== 0
  return {
    isDictionary: false,
    entries: sizeIn(fields, '8.1'),
    encoding: sizeIn(fields, '8.4'),
    repetitions: packed.subarray(0, repetitionBytes),
    definitions: packed.subarray(repetitionBytes, levelBytes),
    values: isPacked ? await unpackPage(chunk.codec, rest, length - levelBytes) : rest,
  }
}

function sizeIn(fields: Fields, path: string): number {
  const size = fields.get(path)
  if (size === undefined || size < 0) throw new Error('a page of it lacks a size')
  return size
}
