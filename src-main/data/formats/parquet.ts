/**
 * Parquet, a stretch of rows at a time: hyparquet decodes, and only the columns that mean something are read.
 */
import { open, type FileHandle } from 'node:fs/promises'
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type FileMetaData,
  type RowGroup,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { refuse } from '../refuse'
import type { RowBatch } from '../rows'
import type { SourceFile } from '../source-file'
import type { FileFormat, FileStart } from './format'

const SIGNATURE = 'PAR1'
const isSigned = ({ head }: FileStart): boolean => head.startsWith(SIGNATURE)

export const parquet: FileFormat = {
  name: 'parquet',
  extensions: ['.parquet', '.pq'],
  countsBy: 'row',
  recognises: (start) => isSigned(start) || start.named === 'as-this',
  refusal: (start) => {
    if (!isSigned(start)) return `this is no Parquet file: it does not begin with ${SIGNATURE}`
    return start.isGzip ? 'this is a Parquet file packed again with gzip; unpack it first' : undefined
  },
  rows: parquetRows,
}

/** Text decoded at once; what it takes holds the event loop for about 50 ms. */
const AT_ONCE_BYTES = 8 << 20
/** A row group's columns are read from disk whole, so one larger than this is refused. */
const LARGEST_GROUP_BYTES = 512 << 20

/** @throws StudioFailure refused-file: damaged, cut off, or written in row groups too large to read */
async function* parquetRows(source: SourceFile, meant: Meant): AsyncGenerator<RowBatch> {
  const opened = await open(source.path, 'r')
  try {
    yield* rowsIn(source, opened, meant)
  } finally {
    await opened.close()
  }
}

type Meant = Parameters<FileFormat['rows']>[1]

async function* rowsIn(source: SourceFile, opened: FileHandle, meant: Meant): AsyncGenerator<RowBatch> {
  const metadata = await orRefuse(source, () => parquetMetadataAsync(bufferOf(opened, source.bytesTotal)))
  const columns = await orRefuse(source, () => readColumns(metadata, meant))
  let rowStart = 0
  for (const [index, group] of metadata.row_groups.entries()) {
    const { rows, step } = await orRefuse(source, () => stretchOf(source, group, columns, index))
    const file = bufferOf(opened, source.bytesTotal) // keeps the group's bytes for all of its stretches
    for (let from = 0; from < rows; from += step) {
      const stretch = { rowStart: rowStart + from, rowEnd: rowStart + Math.min(rows, from + step) }
      yield await batchOf(source, { file, metadata, columns: [...columns], ...stretch })
    }
    rowStart += rows
  }
  if (rowStart !== Number(metadata.num_rows))
    refuse(source.path, `it says it has ${metadata.num_rows} rows and has ${rowStart}: the file is damaged`)
}

/** What hyparquet is asked for: a stretch of rows, the end not included. */
interface Stretch {
  readonly file: AsyncBuffer
  readonly metadata: FileMetaData
  readonly columns: string[]
  readonly rowStart: number
  readonly rowEnd: number
}

async function batchOf(source: SourceFile, stretch: Stretch): Promise<RowBatch> {
  const { rowStart, rowEnd, metadata } = stretch
  const values = await orRefuse(source, () => parquetReadObjects({ ...stretch, compressors }))
  if (values.length !== rowEnd - rowStart)
    refuse(source.path, `row ${rowStart + values.length + 1} is missing: the file is damaged`)
  return {
    rows: values.map((each, index) => ({ line: rowStart + index + 1, values: each })),
    bytesRead: Math.round((source.bytesTotal * rowEnd) / Math.max(1, Number(metadata.num_rows))),
  }
}

/** The file as hyparquet asks for it; a stretch of bytes asked for twice is read once. */
function bufferOf(opened: FileHandle, byteLength: number): AsyncBuffer {
  const known = new Map<string, Promise<ArrayBuffer>>()
  return {
    byteLength,
    slice(start, end = byteLength) {
      const key = `${start} ${end}`
      const bytes = known.get(key) ?? bytesBetween(opened, start, Math.min(end, byteLength))
      known.set(key, bytes)
      return bytes
    },
  }
}

async function bytesBetween(opened: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(0, end - start))
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await opened.read(bytes, at, bytes.length - at, start + at)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    at += bytesRead
  }
  return bytes.buffer
}

/** Columns with a meaning, or, when there is none, all: their names then stand in the refusal. */
function readColumns(metadata: FileMetaData, meant: Meant): readonly string[] {
  const found = parquetSchema(metadata).children.map((child) => child.element.name)
  const known = meant(found)
  return known.length > 0 ? known : found
}

/** Rows of a group, and how many to decode at once. */
function stretchOf(
  source: SourceFile,
  group: RowGroup,
  columns: readonly string[],
  index: number,
): { readonly rows: number; readonly step: number } {
  const rows = Number(group.num_rows)
  const bytes = group.columns.reduce(
    (sum, { meta_data: column }) =>
      column && columns.includes(column.path_in_schema[0] ?? '')
        ? sum + Number(column.total_uncompressed_size)
        : sum,
    0,
  )
  if (!(rows >= 0) || rows > 2 ** 31) throw new Error(`row group ${index + 1} says it has ${rows} rows`)
  if (bytes > LARGEST_GROUP_BYTES)
    refuse(
      source.path,
      `row group ${index + 1} holds ${Math.round(bytes / 1e6)} MB; at most ${LARGEST_GROUP_BYTES >> 20} ` +
        'MB are read at once. Write the file again with smaller row groups (100,000 rows)',
    )
  return { rows, step: Math.max(1, Math.min(rows, Math.floor((rows * AT_ONCE_BYTES) / Math.max(1, bytes)))) }
}

/** hyparquet throws whatever a damaged file leads it into; that is the file's fault, and said so. */
async function orRefuse<T>(source: SourceFile, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'StudioFailure') throw error
    return refuse(source.path, `this Parquet file is damaged or cut off (${error.message})`)
  }
}
