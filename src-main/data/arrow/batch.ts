/** A batch of rows: lengths and buffers in the order of the columns, handed out one after the other. */
import { unpackPage } from '../parquet/codecs'
import { numberIn, tableIn, vectorIn, wide, type Table } from './flatbuffer'

export interface Batch {
  readonly rows: number
  /** The next buffer. */
  buffer(): Buffer
  /** The buffers beside the next column of views. */
  variadic(): readonly Buffer[]
}

const codecs: Readonly<Record<number, string>> = { 0: 'LZ4_FRAME', 1: 'ZSTD' }

/** @throws Error for sizes that the body does not have */
export async function readBatch(table: Table, body: Buffer): Promise<Batch> {
  const rows = numberIn(table, 0, 8)
  // the narrowest column that is stored has a bit a row
  if (!(rows >= 0 && rows <= 8 * body.length))
    throw new Error(`a batch of it says it has ${rows} rows and has ${body.length} bytes`)
  const packing = tableIn(table, 3)
  const codec = packing && (codecs[numberIn(packing, 0, 1)] ?? 'an unknown codec')
  const buffers = await Promise.all(partsOf(table, body).map((part) => unpacked(part, codec)))
  const counts = vectorIn(table, 4, 8)
  let nextBuffer = 0
  let nextCount = 0
  const buffer = (): Buffer => {
    const part = buffers[nextBuffer++]
    if (!part) throw new Error('a batch of it has fewer columns than it says')
    return part
  }
  return {
    rows,
    buffer,
    variadic() {
      if (nextCount >= counts.length) throw new Error('a batch of it has fewer columns than it says')
      const length = wide(counts.bytes, counts.at + 8 * nextCount++)
      if (length > buffers.length) throw new Error('a batch of it has fewer columns than it says')
      return Array.from({ length }, buffer)
    },
  }
}

function partsOf(table: Table, body: Buffer): readonly Buffer[] {
  const { bytes, at, length } = vectorIn(table, 2, 16)
  return Array.from({ length }, (_, index) => {
    const start = wide(bytes, at + 16 * index)
    const end = start + wide(bytes, at + 16 * index + 8)
    if (!(start >= 0 && end >= start && end <= body.length))
      throw new Error('a batch of it says it is longer than it is')
    return body.subarray(start, end)
  })
}

/** Each packed buffer begins with its length; −1 says that it is not packed after all. */
async function unpacked(part: Buffer, codec: string | undefined): Promise<Buffer> {
  if (codec === undefined || part.length === 0) return part
  const length = wide(part, 0)
  if (length === -1) return part.subarray(8)
  return Buffer.from(await unpackPage(codec, part.subarray(8), length))
}
