/** A file whose rows are being read: its format, the columns that mean something, and where a row stands. */
import type { ReadingWish } from '../../src-shared/records/dataset'
import { basename } from 'node:path'
import { laidOver } from './column-mapping'
import type { FileFormat } from './formats/format'
import { messageColumns, withTablesAsTrees } from './message-tables'
import { expanded } from './message-trees'
import { laidFlat } from './other-records'
import { pickedColumns, withPairsApart } from './picked-answers'
import { formatOf } from './recognise-format'
import { refuse, RowProblem } from './refuse'
import { meantColumns } from './row-reader'
import type { RowBatch, SourceRow } from './rows'
import { openSource, type Lying, type SourceFile } from './source-file'

/** What it is to be read as, and where it lies when its path does not say so. */
export type FileWish = ReadingWish & Lying

export interface OpenedFile {
  readonly source: SourceFile
  readonly format: FileFormat
  /** The columns that mean something by their names, and those that a person named. */
  readonly meant: (found: readonly string[]) => readonly string[]
  readonly rows: () => AsyncGenerator<RowBatch>
  /** Rows of several answers as pairs, where nobody says what the columns are; `rows` has them so. */
  readonly apart: (batch: RowBatch) => RowBatch
}

/** @throws StudioFailure refused-file: missing, not readable, or of no format that is read */
export async function openFile(file: string, wish: FileWish): Promise<OpenedFile> {
  const { columns = {}, cut } = wish
  const { source, head } = await openSource(file, wish)
  const format = formatOf(source, head)
  const named = placed({ source, format }, undefined, () => laidOver(columns)).columns
  const meant = (found: readonly string[]): readonly string[] => {
    const known = meantColumns(found)
    const [ofMessages, picked] = [messageColumns(found), pickedColumns(found)]
    return found.filter((name) => [known, named, ofMessages, picked].some((each) => each.includes(name)))
  }
  const apart = wish.columns === undefined ? withPairsApart : asItIs
  const rows = (): AsyncGenerator<RowBatch> => mapped(rowsOf({ source, format }, meant, cut), apart)
  return { source, format, meant, rows, apart }
}

const asItIs = (batch: RowBatch): RowBatch => batch

async function* mapped(
  batches: AsyncGenerator<RowBatch>,
  to: (batch: RowBatch) => RowBatch,
): AsyncGenerator<RowBatch> {
  for await (const batch of batches) yield to(batch)
}

/** All rows of it, or of the files that are read as one. */
export async function* rowsOf(
  { source, format }: Placed,
  ...asked: [meant: OpenedFile['meant'], cut?: string]
): AsyncGenerator<RowBatch> {
  if (!source.parts) {
    for await (const batch of withTablesAsTrees(format.rows(source, ...asked))) yield withTrees(batch)
    return
  }
  let before = 0
  for (const file of source.parts) {
    const { source: part, head } = await openSource(file)
    for await (const batch of withTablesAsTrees(formatOf(part, head).rows(part, ...asked)))
      yield {
        ...withTrees(batch, file),
        bytesRead: before + batch.bytesRead,
      }
    before += part.bytesTotal
  }
}

/** Most batches have no trees, and are handed on as they are. */
function withTrees(batch: RowBatch, file?: string): RowBatch {
  const rows = batch.rows.flatMap(laidFlat).flatMap(expanded)
  const isSame = rows.length === batch.rows.length && rows.every((row, index) => row === batch.rows[index])
  if (file !== undefined) return { ...batch, rows: rows.map((row) => ({ ...row, file })) }
  return isSame ? batch : { ...batch, rows }
}

type Placed = Pick<OpenedFile, 'source' | 'format'>

/** A row's problem becomes the file's refusal, with the row's place. */
export function placed<T>(opened: Placed, row: SourceRow | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error
    const file = row?.file ?? opened.source.path
    if (!row) refuse(file, error.message)
    return opened.format.countsBy === 'line'
      ? refuse(file, error.message, { line: row.line })
      : refuse(file, `${opened.format.countsBy} ${row.line}: ${error.message}`)
  }
}

/** As a sentence names it: "line 2", "row 7 of train-00001.parquet" */
export const placeOf = ({ format }: Placed, row: SourceRow | undefined): string =>
  `${format.countsBy} ${row?.line ?? 0}${row?.file === undefined ? '' : ` of ${basename(row.file)}`}`
