/** A file whose rows are being read: its format, the columns that mean something, and where a row stands. */
import type { ReadingWish } from '../../src-shared/records/dataset'
import { laidOver } from './column-mapping'
import type { FileFormat } from './formats/format'
import { formatOf } from './recognise-format'
import { refuse, RowProblem } from './refuse'
import { meantColumns } from './row-reader'
import type { RowBatch, SourceRow } from './rows'
import { openSource, type SourceFile } from './source-file'

export interface OpenedFile {
  readonly source: SourceFile
  readonly format: FileFormat
  /** The columns that mean something by their names, and those that a person named. */
  readonly meant: (found: readonly string[]) => readonly string[]
  readonly rows: () => AsyncGenerator<RowBatch>
}

/** @throws StudioFailure refused-file: missing, not readable, or of no format that is read */
export async function openFile(file: string, { columns = {}, cut }: ReadingWish): Promise<OpenedFile> {
  const { source, head } = await openSource(file)
  const format = formatOf(source, head)
  const named = placed({ source, format }, undefined, () => laidOver(columns)).columns
  const meant = (found: readonly string[]): readonly string[] => {
    const known = meantColumns(found)
    return found.filter((name) => known.includes(name) || named.includes(name))
  }
  return { source, format, meant, rows: () => format.rows(source, meant, cut) }
}

type Placed = Pick<OpenedFile, 'source' | 'format'>

/** A row's problem becomes the file's refusal, with the row's place. */
export function placed<T>(opened: Placed, row: SourceRow | undefined, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error
    const { path: file } = opened.source
    if (!row) refuse(file, error.message)
    return opened.format.countsBy === 'line'
      ? refuse(file, error.message, { line: row.line })
      : refuse(file, `${placeOf(opened, row)}: ${error.message}`)
  }
}

/** As a sentence names it: "line 2" */
export const placeOf = ({ format }: Placed, row: SourceRow | undefined): string =>
  `${format.countsBy} ${row?.line ?? 0}`
