/**
 * FlatBuffers, as Arrow writes its messages: tables whose fields are found by their numbers. Reading beyond the
 * bytes throws, and no length is believed that they do not have.
 */

/** A table, by where it begins. */
export interface Table {
  readonly bytes: Buffer
  readonly at: number
}

export interface Vector {
  readonly bytes: Buffer
  /** Of the first element. */
  readonly at: number
  readonly length: number
}

export const rootOf = (bytes: Buffer): Table => ({ bytes, at: bytes.readUInt32LE(0) })

/** Where a field stands; undefined when the table leaves it out. */
function place({ bytes, at }: Table, field: number): number | undefined {
  const list = at - bytes.readInt32LE(at)
  const entry = 4 + 2 * field
  const offset = entry < bytes.readUInt16LE(list) ? bytes.readUInt16LE(list + entry) : 0
  return offset === 0 ? undefined : at + offset
}

/** A whole number of 1, 2, 4 or 8 bytes; `otherwise` where the table leaves it out. */
export function numberIn(table: Table, field: number, size: 1 | 2 | 4 | 8, otherwise = 0): number {
  const at = place(table, field)
  if (at === undefined) return otherwise
  return size === 8 ? wide(table.bytes, at) : table.bytes.readIntLE(at, size)
}

/** Numbers that are no place in any file are none that is read. */
export const wide = (bytes: Buffer, at: number): number => Number(bytes.readBigInt64LE(at))

export function tableIn(table: Table, field: number): Table | undefined {
  const at = place(table, field)
  return at === undefined ? undefined : { bytes: table.bytes, at: at + table.bytes.readUInt32LE(at) }
}

/** @param size bytes of an element */
export function vectorIn(table: Table, field: number, size: number): Vector {
  const { bytes } = table
  const at = place(table, field)
  if (at === undefined) return { bytes, at: 0, length: 0 }
  const start = at + bytes.readUInt32LE(at)
  const length = bytes.readUInt32LE(start)
  if (start + 4 + length * size > bytes.length) throw new Error('a list in it is longer than it')
  return { bytes, at: start + 4, length }
}

export const tablesIn = (table: Table, field: number): readonly Table[] => {
  const { bytes, at, length } = vectorIn(table, field, 4)
  return Array.from({ length }, (_, index) => {
    const entry = at + 4 * index
    return { bytes, at: entry + bytes.readUInt32LE(entry) }
  })
}

export function textIn(table: Table, field: number): string {
  const { bytes, at, length } = vectorIn(table, field, 1)
  return bytes.toString('utf8', at, at + length)
}
