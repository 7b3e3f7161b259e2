/**
 * A file as examples, in batches small enough that whoever stores them never keeps the window waiting. Memory
 * stays bounded whatever the file's size: text is read by the 64 KB, Parquet by the stretch.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { delimitedRows } from './formats/delimited'
import { jsonArrayRows } from './formats/json'
import { jsonLineRows } from './formats/jsonl'
import { parquetRows } from './formats/parquet'
import { plainTextRows } from './formats/txt'
import { refuse, RowProblem } from './refuse'
import { rowReader, type RowReader } from './row-reader'
import type { RowBatch, SourceRow } from './rows'
import { openSource, type Format, type SourceFile } from './source-file'

export interface ImportBatch {
  readonly kind: DatasetKind
  readonly examples: readonly ExampleParts[]
  readonly bytesRead: number
  readonly bytesTotal: number
  /** What is odd so far and was kept, in sentences. */
  readonly notes: readonly string[]
}

/** Rows and characters of one batch, whichever comes first: about 10 ms of storing. */
const BATCH_ROWS = 500
const BATCH_CHARACTERS = 200_000

/**
 * @param wanted the kind to read it as; without it the columns of the first row say so
 * @throws StudioFailure refused-file, with line and column: batches already taken are then to be thrown away
 */
export async function* readExamples(file: string, wanted?: DatasetKind): AsyncGenerator<ImportBatch> {
  const source = await openSource(file)
  const oddities = noOddities()
  let reader: RowReader | undefined
  for await (const { rows, bytesRead } of rowsOf[source.format](source)) {
    const [first] = rows
    if (!first) continue
    reader ??= placed(source, first, () => rowReader(first.values, wanted))
    for (let from = 0; from < rows.length;) {
      const examples = readBatch(source, rows, from, reader)
      examples.forEach((example, i) => oddities.look(example, placeOf(source, rows[from + i])))
      from += examples.length
      yield { kind: reader.kind, examples, bytesRead, bytesTotal: source.bytesTotal, notes: oddities.notes() }
      await setImmediate() // whoever else waits for this thread goes first
    }
  }
  if (!reader) refuse(file, 'it holds no rows: there is nothing to import')
}

/** What a dataset from this file is called, before anyone names it. */
export function nameOf(file: string): { readonly name: string; readonly fileName: string } {
  const fileName = path.basename(file)
  return { name: fileName.replace(/\.gz$/i, '').replace(/\.[a-z]+$/i, '') || fileName, fileName }
}

const rowsOf: Readonly<Record<Format, (source: SourceFile) => AsyncGenerator<RowBatch>>> = {
  txt: plainTextRows,
  jsonl: jsonLineRows,
  json: jsonArrayRows,
  csv: delimitedRows,
  tsv: delimitedRows,
  parquet: parquetRows,
}

function readBatch(
  source: SourceFile,
  rows: readonly SourceRow[],
  from: number,
  reader: RowReader,
): readonly ExampleParts[] {
  const examples: ExampleParts[] = []
  let characters = 0
  for (let i = from; i < rows.length && examples.length < BATCH_ROWS && characters < BATCH_CHARACTERS; i++) {
    const row = rows[i] as SourceRow
    const example = placed(source, row, () => reader.read(row.values))
    characters +=
      (example.prompt?.length ?? 0) + (example.completion?.length ?? 0) + (example.rejected?.length ?? 0)
    examples.push(example)
  }
  return examples
}

/** A row's problem becomes the file's refusal, with the row's place. */
function placed<T>(source: SourceFile, row: SourceRow, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error
    return source.format === 'parquet'
      ? refuse(source.path, `${placeOf(source, row)}: ${error.message}`)
      : refuse(source.path, error.message, { line: row.line })
  }
}

const placeOf = (source: SourceFile, row: SourceRow | undefined): string =>
  `${source.format === 'parquet' ? 'row' : 'line'} ${row?.line ?? 0}`

/** Pairs whose sides are the same teach nothing, but they are what the file says: they are kept and named. */
function noOddities(): { look(example: ExampleParts, place: string): void; notes(): readonly string[] } {
  let same = 0
  let firstPlace = ''
  return {
    look(example, place) {
      if (example.rejected === undefined || example.rejected !== example.completion) return
      if (same++ === 0) firstPlace = place
    },
    notes: () =>
      same === 0
        ? []
        : [
            `${same === 1 ? '1 pair has' : `${same.toLocaleString('en')} pairs have`} the same text as ` +
              `chosen and rejected (first: ${firstPlace}). Kept; nothing is learned from ` +
              `${same === 1 ? 'it' : 'them'}.`,
          ],
  }
}
