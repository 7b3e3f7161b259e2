/**
 * A file as examples, in batches small enough that whoever stores them never keeps the window waiting. Memory
 * stays bounded whatever the file's size: text is read by the 64 KB, Parquet by the page.
 */
import path from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { DatasetKind, ReadColumns, ReadingWish } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { isSpoken } from '../../src-shared/turn-texts'
import { columnSurvey, type ColumnSurvey } from './column-survey'
import { charactersOf, noOddities, type Oddities } from './oddities'
import { openFile, placed, placeOf, type FileWish, type OpenedFile } from './opened-file'
import { unpackedName } from './packings'
import { LeftOut, refuse } from './refuse'
import { rowReader, type RowReader } from './row-reader'
import type { RowBatch, SourceRow } from './rows'
import type { SourceFile } from './source-file'

export interface ImportBatch {
  readonly examples: readonly ExampleParts[]
  readonly bytesRead: number
  readonly bytesTotal: number
  /** What the file holds; absent while its rows are only looked at for their columns. */
  readonly reading?: FileReading
  /** All batches before are void: the file is read again, with other columns. */
  readonly isAfresh?: true
}

export interface FileReading {
  readonly kind: DatasetKind
  readonly columns: ReadColumns
  /** What is odd so far and was kept, in sentences. */
  readonly notes: readonly string[]
}

/** Rows and characters of one batch, whichever comes first: about 10 ms of storing. */
const BATCH_ROWS = 500
const BATCH_CHARACTERS = 200_000

/** Rows looked at before the first is read. */
const ROWS_AHEAD = 1000

/**
 * All rows decide what the columns are. Most files show all columns in their first rows and are read once;
 * where a later row has a column that means something and was not there before, the rest is looked at and the
 * file is read afresh.
 * @param wish what it is to be read as, where its columns do not say so
 * @throws StudioFailure refused-file, with line and column: batches already taken are then to be thrown away
 */
export async function* readExamples(file: string, wish: FileWish = {}): AsyncGenerator<ImportBatch> {
  const opened = await openFile(file, wish)
  const survey = columnSurvey(opened.meant)
  const batches = opened.rows()
  try {
    const isWhole = yield* examplesIn(opened, withAhead(batches, survey), { survey, wish })
    if (isWhole) return
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      survey.look(next.value)
      yield { examples: [], bytesRead: next.value.bytesRead, bytesTotal: opened.source.bytesTotal }
      await setImmediate() // whoever else waits for this thread goes first
    }
  } finally {
    await batches.return(undefined)
  }
  yield { examples: [], bytesRead: 0, bytesTotal: opened.source.bytesTotal, isAfresh: true }
  yield* examplesIn(opened, opened.rows(), { survey, wish })
}

/** The first rows are looked at before they are handed on. Whoever stops here can go on with the same batches. */
async function* withAhead(batches: AsyncGenerator<RowBatch>, survey: ColumnSurvey): AsyncGenerator<RowBatch> {
  const ahead: RowBatch[] = []
  let next = await batches.next()
  for (let rows = 0; !next.done && rows < ROWS_AHEAD; next = await batches.next()) {
    survey.look(next.value)
    rows += next.value.rows.length
    ahead.push(next.value)
  }
  yield* ahead
  for (; !next.done; next = await batches.next()) yield next.value
}

interface Asked {
  readonly survey: ColumnSurvey
  readonly wish: ReadingWish
}

/** @returns whether it came to the end; else a row had a column that decides, and was not known before */
async function* examplesIn(
  opened: OpenedFile,
  batches: AsyncGenerator<RowBatch>,
  { survey, wish }: Asked,
): AsyncGenerator<ImportBatch, boolean> {
  const { source } = opened
  const oddities = noOddities()
  const beside = new Set<string>()
  let known: Known | undefined
  let size = 0
  let kept = 0
  for await (const batch of batches) {
    survey.look(batch)
    if (known && known.decisive !== survey.decisive()) return false
    const { rows, bytesRead, notes = [] } = batch
    for (const note of notes) beside.add(note)
    if (rows.length === 0) continue
    if (known?.columns !== survey.columns()) known = knownNow(opened, { survey, wish }, rows[0])
    for (let from = 0; from < rows.length;) {
      const slice = rows.slice(from, from + BATCH_ROWS)
      const { examples, taken, characters } = readBatch(opened, slice, known.reader, oddities)
      refuseSwollen(source, (size += characters + taken * ROW_CHARACTERS))
      from += taken
      kept += examples.length
      const { kind, columns } = known.reader
      yield {
        reading: { kind, columns, notes: [...beside, ...oddities.notes()] },
        examples,
        bytesRead,
        bytesTotal: source.bytesTotal,
      }
      await setImmediate()
    }
  }
  if (!known) refuseWithoutRows(opened, { survey, wish })
  if (beside.size > 0 && known) yield endOf(known.reader, [...beside, ...oddities.notes()], source)
  if (kept === 0) refuse(source.path, `nothing of it can be learned from: ${oddities.notes().join(' ')}`)
  return true
}

/** What is said after the last row. */
const endOf = ({ kind, columns }: RowReader, notes: readonly string[], source: SourceFile): ImportBatch => ({
  reading: { kind, columns, notes },
  examples: [],
  bytesRead: source.bytesTotal,
  bytesTotal: source.bytesTotal,
})

/** How rows are read, by the columns that were found so far. */
interface Known {
  readonly reader: RowReader
  /** The columns that say so, and how many there are in all. */
  readonly decisive: string
  readonly columns: number
}

function knownNow(opened: OpenedFile, { survey, wish }: Asked, row: SourceRow | undefined): Known {
  const reader = placed(opened, row, () => rowReader(survey.result(), wish))
  return { reader, decisive: survey.decisive(), columns: survey.columns() }
}

/** A file without rows, or one whose rows were not asked for, because no column of it means anything. */
function refuseWithoutRows(opened: OpenedFile, asked: Asked): never {
  const { unasked } = asked.survey.result()
  const header = opened.format.countsBy === 'line' ? { line: 1, values: {} } : undefined
  if (unasked.length > 0 && opened.meant(unasked).length === 0) knownNow(opened, asked, header)
  return refuse(opened.source.path, 'it holds no rows: there is nothing to import')
}

/** What a dataset from this file is called, before anyone names it. */
export function nameOf(file: string): { readonly name: string; readonly fileName: string } {
  const fileName = path.basename(file)
  return { name: unpackedName(fileName).replace(/\.[a-z]+$/i, '') || fileName, fileName }
}

/** As many of the rows as make a batch. */
function readBatch(
  opened: OpenedFile,
  rows: readonly SourceRow[],
  reader: RowReader,
  oddities: Oddities,
): { readonly examples: readonly ExampleParts[]; readonly taken: number; readonly characters: number } {
  const examples: ExampleParts[] = []
  let characters = 0
  let taken = 0
  for (const row of rows) {
    if (characters >= BATCH_CHARACTERS) break
    taken++
    const place = (): string => placeOf(opened, row)
    const example = placed(opened, row, () => orLeftOut(() => exampleOf(row, reader)))
    if (example instanceof LeftOut) {
      oddities.leaveOut(example.message, place)
      continue
    }
    characters += charactersOf(example)
    if (!oddities.look(example, place)) continue
    if (isSpoken(example)) oddities.rename(reader.renamed(row.values), place)
    examples.push(example)
  }
  return { examples, taken, characters }
}

function exampleOf(row: SourceRow, reader: RowReader): ExampleParts {
  if (row.lacks !== undefined) throw new LeftOut(row.lacks)
  if (row.isUnanswered && reader.kind !== 'prompts') throw new LeftOut('has no answer')
  return reader.read(row.values)
}

function orLeftOut<T>(read: () => T): T | LeftOut {
  try {
    return read()
  } catch (error) {
    if (error instanceof LeftOut) return error
    throw error
  }
}

/** More than this many characters for each byte of a file is no text, but a file made to fill the disk. */
const MOST_CHARACTERS_A_BYTE = 1000
/** However small the file is. */
const ALWAYS_ALLOWED_CHARACTERS = 64 << 20
/** What a row takes besides its texts. */
const ROW_CHARACTERS = 64

/** A packed file can hold a million times its size: what comes out of it is bounded by what it is. */
function refuseSwollen({ path: file, bytesTotal }: SourceFile, characters: number): void {
  if (characters <= ALWAYS_ALLOWED_CHARACTERS + MOST_CHARACTERS_A_BYTE * bytesTotal) return
  refuse(
    file,
    `it unpacks to more than ${Math.floor(characters / 1e6)} million characters out of a file of ` +
      `${bytesTotal.toLocaleString('en')} bytes; check it, or unpack it yourself first`,
  )
}
