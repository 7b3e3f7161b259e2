/** Parquet files of a few hundred bytes, written by hand, that may say of themselves what is not so. */

type Field = readonly [id: number, kind: number, value: Buffer]

const kinds = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 }

export function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

const zigzag = (value: number | bigint): Buffer => varint(BigInt(value) * 2n)
const i32 = (id: number, value: number): Field => [id, kinds.i32, zigzag(value)]
const i64 = (id: number, value: number | bigint): Field => [id, kinds.i64, zigzag(value)]
const text = (id: number, value: string): Field => [
  id,
  kinds.binary,
  Buffer.concat([varint(value.length), Buffer.from(value)]),
]
const within = (id: number, fields: readonly Field[]): Field => [id, kinds.struct, struct(fields)]
const list = (id: number, kind: number, items: readonly Buffer[]): Field => [
  id,
  kinds.list,
  Buffer.concat([Buffer.from([(items.length << 4) | kind]), ...items]),
]

function struct(fields: readonly Field[]): Buffer {
  let last = 0
  const parts = fields.map(([id, kind, value]) => {
    const head = Buffer.from([((id - last) << 4) | kind])
    last = id
    return Buffer.concat([head, value])
  })
  return Buffer.concat([...parts, Buffer.from([0])])
}

export const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A text as PLAIN writes it. */
export const plainText = (value: string): Buffer => Buffer.concat([uint32(value.length), Buffer.from(value)])

export interface Told {
  readonly rows: number | bigint
  /** Whether the column is a list of texts, each row of any length. */
  readonly isList?: boolean
  readonly dictionary?: { readonly bytes: Buffer; readonly entries: number }
  readonly page: {
    readonly bytes: Buffer
    readonly entries: number
    readonly encoding: number
    /** Bytes when unpacked, as the page says; without it what it has. */
    readonly unpackedBytes?: number
    /** The same when packed. */
    readonly packedBytes?: number
  }
  /** By Parquet's number; 0 is not packed. */
  readonly codec?: number
  /** Bytes of the column's pages, as the footer says. */
  readonly columnBytes?: number | bigint
  readonly footerBytes?: number
  readonly childrenOfRoot?: number
}

const optional = 1
const repeated = 2

/** A file of one column "text". */
export function toldParquet(told: Told): Buffer {
  const { rows, isList = false, dictionary, page } = told
  const dictionaryPage = dictionary && pageOf(dictionary.bytes, 2, 7, [i32(1, dictionary.entries), i32(2, 0)])
  const dataPage = pageOf(
    page.bytes,
    0,
    5,
    [i32(1, page.entries), i32(2, page.encoding), i32(3, 3), i32(4, 3)],
    page,
  )
  const pages = Buffer.concat([...(dictionaryPage ? [dictionaryPage] : []), dataPage])
  const dataAt = 4 + (dictionaryPage?.length ?? 0)
  const column = struct([
    i32(1, 6),
    list(2, kinds.i32, [zigzag(page.encoding)]),
    list(
      3,
      kinds.binary,
      (isList ? ['text', 'list', 'element'] : ['text']).map((name) => text(0, name)[2]),
    ),
    i32(4, told.codec ?? 0),
    i64(5, page.entries),
    i64(6, pages.length),
    i64(7, told.columnBytes ?? pages.length),
    i64(9, dataAt),
    ...(dictionaryPage ? [i64(11, 4)] : []),
  ])
  const root = struct([text(4, 'schema'), i32(5, told.childrenOfRoot ?? 1)])
  const footer = struct([
    i32(1, 1),
    list(2, kinds.struct, [root, ...(isList ? listColumn : textColumn)]),
    i64(3, rows),
    list(4, kinds.struct, [
      struct([
        list(1, kinds.struct, [struct([i64(2, 4), [3, kinds.struct, column]])]),
        i64(2, pages.length),
        i64(3, rows),
      ]),
    ]),
  ])
  const magic = Buffer.from('PAR1')
  return Buffer.concat([magic, pages, footer, uint32(told.footerBytes ?? footer.length), magic])
}

const textColumn = [struct([i32(1, 6), i32(3, 0), text(4, 'text'), i32(6, 0)])]
const listColumn = [
  struct([i32(3, optional), text(4, 'text'), i32(5, 1), i32(6, 3)]),
  struct([i32(3, repeated), text(4, 'list'), i32(5, 1)]),
  struct([i32(1, 6), i32(3, optional), text(4, 'element'), i32(6, 0)]),
]

function pageOf(
  bytes: Buffer,
  type: number,
  id: number,
  facts: readonly Field[],
  said: Pick<Told['page'], 'unpackedBytes' | 'packedBytes'> = {},
): Buffer {
  const sizes = [i32(2, said.unpackedBytes ?? bytes.length), i32(3, said.packedBytes ?? bytes.length)]
  return Buffer.concat([struct([i32(1, type), ...sizes, within(id, facts)]), bytes])
}

/** A file whose footer is a list that says it has so many lists, each of which says the same. */
export function listsInLists(length: number, depth: number): Buffer {
  const head = Buffer.concat([Buffer.from([(15 << 4) | kinds.list]), varint(length)])
  const footer = Buffer.concat([Buffer.from([(2 << 4) | kinds.list]), ...Array<Buffer>(depth).fill(head)])
  const magic = Buffer.from('PAR1')
  return Buffer.concat([magic, footer, uint32(footer.length), magic])
}
