/**
 * A file as examples, in batches small enough that whoever stores them never keeps the window waiting. Memory
 * stays bounded whatever the file's size: text is read by the 64 KB, Parquet by the stretch.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import type { FileFormat } from './formats/format'
import { noOddities } from './oddities'
import { formatOf } from './recognise-format'
import { refuse, RowProblem } from './refuse'
import { meantColumns, rowReader, type RowReader } from './row-reader'
import type { SourceRow } from './rows'
import { openSource } from './source-file'

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
  const { source, head } = await openSource(file)
  const opened: Opened = { path: source.path, format: formatOf(source, head) }
  const oddities = noOddities()
  let reader: RowReader | undefined
  for await (const { rows, bytesRead } of opened.format.rows(source, meantColumns)) {
    const [first] = rows
    if (!first) continue
    reader ??= placed(opened, first, () => rowReader(first.values, wanted))
    for (let from = 0; from < rows.length;) {
      const examples = readBatch(opened, rows, from, reader)
      examples.forEach((example, index) => oddities.look(example, placeOf(opened, rows[from + index])))
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

/** A file whose rows are being read. */
interface Opened {
  readonly path: string
  readonly format: FileFormat
}

function readBatch(
  opened: Opened,
  rows: readonly SourceRow[],
  from: number,
  reader: RowReader,
): readonly ExampleParts[] {
  const examples: ExampleParts[] = []
  let characters = 0
  for (const row of rows.slice(from, from + BATCH_ROWS)) {
    if (characters >= BATCH_CHARACTERS) break
    const example = placed(opened, row, () => reader.read(row.values))
    characters += charactersOf(example)
    examples.push(example)
  }
  return examples
}

const charactersOf = ({ prompt = '', completion = '', rejected = '' }: ExampleParts): number =>
  prompt.length + completion.length + rejected.length

/** A row's problem becomes the file's refusal, with the row's place. */
function placed<T>(opened: Opened, row: SourceRow, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RowProblem)) throw error
    return opened.format.countsBy === 'line'
      ? refuse(opened.path, error.message, { line: row.line })
      : refuse(opened.path, `${placeOf(opened, row)}: ${error.message}`)
  }
}

const placeOf = ({ format }: Opened, row: SourceRow | undefined): string =>
  `${format.countsBy} ${row?.line ?? 0}`
