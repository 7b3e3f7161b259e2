/**
 * Parquet, row by row and page by page: only the columns that mean something are read. What the file says of
 * its sizes is held against its bytes, and nothing is set aside for what is only said.
 */
import type { ColumnChunk, FileMetaData, RowGroup } from 'hyparquet'
import { columnRows, type ColumnRows } from '../parquet/column'
import { readFooter } from '../parquet/footer'
import type { Chunk } from '../parquet/pages'
import { recordOf, type Leaf } from '../parquet/record'
import { columnTree, leavesOf, type Node } from '../parquet/schema'
import { refuse, RowProblem } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import { openedAt, type ReadAt, type SourceFile } from '../source-file'
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
    return start.packing && `this is a Parquet file packed again with ${start.packing}; unpack it first`
  },
  rows: parquetRows,
}

/** Rows given at once, and characters of them, whichever comes first. */
const BATCH_ROWS = 500
const BATCH_CHARACTERS = 1 << 20
/** More rows than any machine here learns from; a file of a kilobyte can say it has as many. */
const MOST_ROWS = 2 ** 31

/** @throws StudioFailure refused-file: damaged, cut off, or not what it says it is */
async function* parquetRows(source: SourceFile, meant: Meant): AsyncGenerator<RowBatch> {
  const file = await openedAt(source)
  try {
    yield* rowsIn(source, file, meant)
  } finally {
    await file.close()
  }
}

type Meant = Parameters<FileFormat['rows']>[1]

async function* rowsIn(source: SourceFile, file: ReadAt, meant: Meant): AsyncGenerator<RowBatch> {
  const metadata = await orRefuse(source, () => readFooter(file, source.bytesTotal))
  const columns = await orRefuse(source, () => columnTree(metadata))
  const rowsTotal = await orRefuse(source, () => countRows(metadata))
  const found = columns.map(({ name }) => name)
  const known = meant(found)
  if (known.length === 0) {
    yield { rows: [], bytesRead: source.bytesTotal, columns: found } // their names are all that a refusal needs
    return
  }
  const read = columns.filter(({ name }) => known.includes(name))
  let line = 1
  for (const group of metadata.row_groups) {
    for await (const rows of groupRows(source, { file, group, columns: read, firstLine: line })) {
      const done = (rows.at(-1)?.line ?? 0) / Math.max(1, rowsTotal)
      yield { rows, bytesRead: Math.round(source.bytesTotal * done), columns: found }
    }
    line += Number(group.num_rows)
  }
}

function countRows(metadata: FileMetaData): number {
  const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0)
  const isAny = metadata.row_groups.every(({ num_rows: each }) => Number(each) >= 0)
  if (!isAny || rows !== Number(metadata.num_rows))
    throw new Error(`it says it has ${metadata.num_rows} rows and its groups have ${rows}`)
  if (rows > MOST_ROWS) throw new Error(`it says it has ${rows} rows`)
  return rows
}

interface Group {
  readonly file: ReadAt
  readonly group: RowGroup
  readonly columns: readonly Node[]
  readonly firstLine: number
}

async function* groupRows(source: SourceFile, group: Group): AsyncGenerator<SourceRow[]> {
  const leaves = await orRefuse(source, () => leavesIn(group, source.bytesTotal))
  try {
    let rows: SourceRow[] = []
    let characters = 0
    for (let index = 0; index < Number(group.group.num_rows); index++) {
      const line = group.firstLine + index
      const { values, weight } = await orRefuse(source, () => rowOf(group.columns, leaves), line)
      rows.push({ line, values })
      characters += weight
      if (rows.length < BATCH_ROWS && characters < BATCH_CHARACTERS) continue
      yield rows
      rows = []
      characters = 0
    }
    if (rows.length > 0) yield rows
  } finally {
    for (const { reader } of leaves) await reader.close()
  }
}

interface OpenLeaf {
  readonly path: string
  readonly reader: ColumnRows
}

/** The columns of values below those that are read, each with its pages in this group. */
function leavesIn({ file, group, columns }: Group, fileBytes: number): readonly OpenLeaf[] {
  const chunks = new Map(group.columns.map((chunk) => [chunk.meta_data?.path_in_schema.join('\n'), chunk]))
  return columns.flatMap(leavesOf).map((leaf) => {
    const path = leaf.path.join('\n')
    const chunk = chunks.get(path)
    if (!chunk) throw new Error(`a row group lacks the column "${leaf.path.join('.')}"`)
    return { path, reader: columnRows(file, leaf, chunkOf(leaf, chunk, fileBytes)) }
  })
}

function chunkOf(
  leaf: Node,
  { meta_data: facts, file_path: elsewhere }: ColumnChunk,
  fileBytes: number,
): Chunk {
  if (elsewhere) throw new Error(`its columns lie in another file, "${elsewhere}"`)
  if (!facts) throw new Error('a column of it says nothing of itself')
  const dictionary = Number(facts.dictionary_page_offset ?? 0)
  const data = Number(facts.data_page_offset)
  const start = dictionary > 0 ? Math.min(dictionary, data) : data
  const end = start + Number(facts.total_compressed_size)
  if (!(start >= 4 && end >= start && end <= fileBytes))
    throw new Error(`the column "${leaf.path.join('.')}" lies outside of the file`)
  const { codec } = facts
  return { start, end, codec, hasRepetitions: leaf.repetition > 0, hasDefinitions: leaf.definition > 0 }
}

async function rowOf(
  columns: readonly Node[],
  open: readonly OpenLeaf[],
): Promise<{ readonly values: SourceRow['values']; readonly weight: number }> {
  const leaves = new Map<string, Leaf>()
  let weight = 0
  for (const { path, reader } of open) {
    const entries = await reader.next()
    if (entries.length === 0) throw new Error('it ends before its last row')
    for (const { value } of entries) weight += typeof value === 'string' ? value.length : 1
    leaves.set(path, { entries, at: 0 })
  }
  return { values: Object.fromEntries(columns.map((node) => [node.name, recordOf(node, leaves)])), weight }
}

/** What a damaged file leads to is the file's fault, and said so; what is wrong with a row, with its number. */
async function orRefuse<T>(source: SourceFile, work: () => T | Promise<T>, row?: number): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'StudioFailure') throw error
    const place = row === undefined ? '' : `row ${row}: `
    if (error instanceof RowProblem) return refuse(source.path, `${place}${error.message}`)
    return refuse(source.path, `this Parquet file is damaged or cut off (${place}${error.message})`)
  }
}
