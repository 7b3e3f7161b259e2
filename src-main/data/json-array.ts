/** One JSON array of objects, read element by element, so that it never stands in memory whole. */
import { jsonRow } from './json-rows'
import { LONGEST_ROW_CHARACTERS, tooLong } from './lines'
import { refuse, type Place } from './refuse'
import type { RowBatch, SourceRow } from './rows'
import type { SourceFile } from './source-file'
import { advance, textChunks } from './text-chunks'

/** @throws StudioFailure refused-file, with line and column */
export async function* jsonArrayRows(source: SourceFile): AsyncGenerator<RowBatch> {
  const scan: Scan = { rest: '', start: { line: 1, column: 1 }, at: 0, elementStart: 0, depth: 0, isInString: false, taken: 0, isClosed: false }
  for await (const { text, bytesRead } of textChunks(source)) {
    scan.rest += text
    const rows: SourceRow[] = []
    while (findElementEnd(source, scan)) rows.push(takeElement(source, scan))
    forget(scan)
    if (scan.rest.length > LONGEST_ROW_CHARACTERS) refuse(source.path, tooLong, { line: scan.start.line })
    yield { rows, bytesRead }
  }
  if (!scan.isClosed) refuse(source.path, 'this is not JSON: the file ends inside its array; it may be cut off', advance(scan.start, scan.rest))
}

/** How far the reader came. */
interface Scan {
  /** What is read and not yet let go of; it begins at `start` in the file. */
  rest: string
  start: Required<Place>
  /** Next unit of `rest` to look at. */
  at: number
  elementStart: number
  /** Brackets open; 1 is in the array and in no element of several units. */
  depth: number
  isInString: boolean
  taken: number
  isClosed: boolean
}

/** Looks for the comma or bracket that ends the next element. @returns whether the element between elementStart and at is whole */
function findElementEnd(source: SourceFile, scan: Scan): boolean {
  for (; scan.at < scan.rest.length; scan.at++) {
    const unit = scan.rest[scan.at] as string
    if (scan.isInString) {
      if (unit === '\\') scan.at++   // the escaped unit may still be to come: then `at` waits beyond the end
      else if (unit === '"') scan.isInString = false
    } else if (scan.isClosed) {
      if (unit.trim() !== '') refuseHere(source, scan, 'something follows the array')
    } else if (unit === '"') {
      scan.isInString = true
    } else if (unit === '[' || unit === '{') {
      if (scan.depth++ === 0) scan.elementStart = scan.at + 1
    } else if (unit === ']' || unit === '}') {
      if (--scan.depth === 0 && closes(source, scan, unit)) return true
    } else if (unit === ',' && scan.depth === 1) {
      return true
    }
  }
  return false
}

/** @returns whether an element ends with the array; `[]` has none, and the one missing in `[1, ]` is left for the parser to name */
function closes(source: SourceFile, scan: Scan, unit: string): boolean {
  if (unit !== ']') refuseHere(source, scan, `“${unit}” stands where the array should end with ]`)
  scan.isClosed = true
  return scan.taken > 0 || scan.rest.slice(scan.elementStart, scan.at).trim() !== ''
}

function takeElement(source: SourceFile, scan: Scan): SourceRow {
  const element = scan.rest.slice(scan.elementStart, scan.at)
  const space = element.length - element.trimStart().length
  const start = advance(scan.start, scan.rest.slice(0, scan.elementStart + space))
  scan.at++
  scan.elementStart = scan.at
  scan.taken++
  return jsonRow(source, element.trim(), start)
}

/** Lets go of the text before the element under way. */
function forget(scan: Scan): void {
  const before = scan.depth === 0 ? Math.min(scan.at, scan.rest.length) : scan.elementStart
  scan.start = advance(scan.start, scan.rest.slice(0, before))
  scan.rest = scan.rest.slice(before)
  scan.at -= before
  scan.elementStart = 0
}

const refuseHere = (source: SourceFile, scan: Scan, problem: string): never =>
  refuse(source.path, `this is not JSON: ${problem}`, advance(scan.start, scan.rest.slice(0, scan.at)))
