/** One JSON array of objects, read element by element, so that it never stands in memory whole. */
import { LONGEST_ROW_CHARACTERS, tooLong } from '../text/lines'
import { refuse, type Place } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { advance, textChunks } from '../text/text-chunks'
import type { FileFormat } from './format'
import { jsonRow } from './json-row'

export const json: FileFormat = {
  name: 'json',
  extensions: ['.json'],
  countsBy: 'line',
  recognises: ({ named, opening }) => named !== 'as-another' && opening === '[',
  rows: (source) => jsonArrayRows(source),
}

async function* jsonArrayRows(source: SourceFile): AsyncGenerator<RowBatch> {
  const scan: Scan = {
    rest: '',
    place: { line: 1, column: 1 },
    at: 0,
    elementStart: 0,
    depth: 0,
    isInString: false,
    taken: 0,
    isClosed: false,
  }
  for await (const { text, bytesRead } of textChunks(source)) {
    scan.rest += text
    const rows: SourceRow[] = []
    while (findElementEnd(source, scan)) rows.push(takeElement(source, scan))
    forget(scan)
    if (scan.rest.length > LONGEST_ROW_CHARACTERS) refuse(source.path, tooLong, { line: scan.place.line })
    yield { rows, bytesRead }
  }
  if (!scan.isClosed)
    refuse(
      source.path,
      'this is not JSON: the file ends inside its array; it may be cut off',
      placeOf(scan, scan.rest.length),
    )
}

/** How far the reader came. */
interface Scan {
  /** What is read and not yet let go of. */
  rest: string
  /** Next unit of `rest` to look at. */
  at: number
  elementStart: number
  /** Of elementStart, in the file. */
  place: Required<Place>
  /** Brackets open; 1 is in the array and in no element of several units. */
  depth: number
  isInString: boolean
  taken: number
  isClosed: boolean
}

const IN_STRING = /["\\]/g
const IN_ARRAY = /["[\]{},]/g
const AFTER_ARRAY = /\S/g

/**
 * Looks for the comma or bracket that ends the next element.
 * @returns whether the element between elementStart and at is whole
 */
function findElementEnd(source: SourceFile, scan: Scan): boolean {
  for (let unit = nextUnit(scan); unit !== undefined; unit = nextUnit(scan)) {
    if (scan.isClosed) {
      refuse(source.path, 'this is not JSON: something follows the array', placeOf(scan, scan.at))
    } else if (scan.isInString) {
      if (unit === '\\')
        scan.at++ // the escaped unit may still be to come: then `at` waits beyond the end
      else scan.isInString = false
    } else if (unit === '"') {
      scan.isInString = true
    } else if (unit === '[' || unit === '{') {
      if (scan.depth++ === 0) moveTo(scan, scan.at + 1)
    } else if (unit === ']' || unit === '}') {
      if (--scan.depth === 0 && closes(source, scan, unit)) return true
    } else if (scan.depth === 1) {
      return true
    }
    scan.at++
  }
  return false
}

/** The next unit that means something where the scan is; `at` then stands on it, or beyond the end. */
function nextUnit(scan: Scan): string | undefined {
  const wanted = scan.isClosed ? AFTER_ARRAY : scan.isInString ? IN_STRING : IN_ARRAY
  wanted.lastIndex = scan.at
  const match = wanted.exec(scan.rest)
  scan.at = match ? match.index : Math.max(scan.at, scan.rest.length)
  return match?.[0]
}

/**
 * @returns whether an element ends with the array; `[]` has none, and the one missing in `[1, ]` is left for
 *   the parser to name
 */
function closes(source: SourceFile, scan: Scan, unit: string): boolean {
  if (unit !== ']')
    refuse(
      source.path,
      `this is not JSON: “${unit}” stands where the array should end with ]`,
      placeOf(scan, scan.at),
    )
  scan.isClosed = true
  return scan.taken > 0 || scan.rest.slice(scan.elementStart, scan.at).trim() !== ''
}

function takeElement(source: SourceFile, scan: Scan): SourceRow {
  const element = scan.rest.slice(scan.elementStart, scan.at)
  moveTo(scan, scan.elementStart + element.length - element.trimStart().length)
  const row = jsonRow(source, element.trim(), scan.place)
  scan.at++
  scan.taken++
  moveTo(scan, scan.at)
  return row
}

/** Lets go of the text before the element under way. */
function forget(scan: Scan): void {
  if (scan.depth === 0) moveTo(scan, Math.min(scan.at, scan.rest.length))
  scan.rest = scan.rest.slice(scan.elementStart)
  scan.at -= scan.elementStart
  scan.elementStart = 0
}

function moveTo(scan: Scan, at: number): void {
  scan.place = placeOf(scan, at)
  scan.elementStart = at
}

/** @param at not before elementStart */
const placeOf = (scan: Scan, at: number): Required<Place> =>
  advance(scan.place, scan.rest.slice(scan.elementStart, at))
