/**
 * Reads CSV and TSV: the first row names the columns. Papa Parse reads the rows; what it forgives is refused here.
 */
import Papa from 'papaparse'
import { MOST_COLUMNS } from '../column-survey'
import { LONGEST_ROW_CHARACTERS, tooLong } from '../text/lines'
import { refuse } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { count, textChunks } from '../text/text-chunks'

/** What Papa's parser answers; its types leave it open. */
interface Parsed {
  readonly data: readonly (readonly string[])[]
  readonly errors: readonly { readonly code: string; readonly row: number }[]
  readonly meta: { readonly cursor: number }
}

/** Where the reader stands between two chunks. */
interface Position {
  line: number
  columns: readonly string[] | undefined
}

/**
 * @param meant tells the columns that mean something: they tell the mark that divides fields
 * @param delimiter what divides fields, where the first line has it
 * @throws StudioFailure refused-file: quotes that do not close, rows with more or fewer fields than the
 *   header, columns of one name
 */
export async function* delimitedRows(
  source: SourceFile,
  meant: Meant,
  delimiter?: string,
): AsyncGenerator<RowBatch> {
  const position: Position = { line: 1, columns: undefined }
  let parser: Papa.Parser | undefined
  let rest = ''
  let bytesRead = 0
  let nextTry = 0
  for await (const chunk of textChunks(source)) {
    rest += chunk.text
    bytesRead = chunk.bytesRead
    if (rest.length < nextTry && rest.length <= LONGEST_ROW_CHARACTERS) continue
    parser ??= begin()
    const parsed = parser.parse(rest, 0, true) as Parsed
    rest = rest.slice(parsed.meta.cursor)
    if (rest.length > LONGEST_ROW_CHARACTERS)
      refuse(source.path, endlessRow(rest), { line: position.line + newLines(parsed.data) })
    // a row of many chunks is not parsed again at each
    nextTry = parsed.data.length === 0 ? 2 * rest.length : 0
    yield {
      rows: rowsOf(source, parsed, position),
      bytesRead,
      ...(position.columns && { columns: position.columns }),
    }
  }
  parser ??= begin()
  const rows = rowsOf(source, parser.parse(rest, 0, false) as Parsed, position)
  yield { rows, bytesRead, ...(position.columns && { columns: position.columns }) }

  function begin(): Papa.Parser {
    const said = SEPARATOR_LINE.exec(rest)
    if (said) position.line++
    rest = said ? rest.slice(said[0].length) : rest
    return parserFor(said?.[1] ?? delimiterOf(rest, meant, delimiter))
  }
}

type Meant = (found: readonly string[]) => readonly string[]

const parserFor = (delimiter: string): Papa.Parser => new Papa.Parser({ delimiter, newline: '\n' })

const endlessRow = (rest: string): string =>
  rest.startsWith('"') || rest.includes(',"')
    ? `a quote that opens in this row is never closed, or ${tooLong}`
    : tooLong

/** Rows as the header names them; moves the position on. */
function rowsOf(source: SourceFile, parsed: Parsed, position: Position): SourceRow[] {
  const rows: SourceRow[] = []
  parsed.data.forEach((fields, index) => {
    const { line } = position
    const error = parsed.errors.find(({ row }) => row === index)
    if (error) refuse(source.path, quoteProblem(error.code), { line })
    position.line += 1 + fields.reduce((lines, field) => lines + count(field, '\n'), 0)
    if (fields.every((field) => field.trim() === '')) return // a blank line, or marks alone
    if (!position.columns) {
      position.columns = headerOf(source, fields, line)
    } else {
      rows.push({ line, values: valuesOf(source, position.columns, fields, line) })
    }
  })
  return rows
}

const quoteProblem = (code: string): string =>
  code === 'MissingQuotes'
    ? 'a quote that opens in this row is never closed'
    : 'a quote inside a quoted field is not doubled ("")'

const newLines = (rows: Parsed['data']): number =>
  rows.reduce(
    (lines, fields) => lines + 1 + fields.reduce((inside, field) => inside + count(field, '\n'), 0),
    0,
  )

function headerOf(source: SourceFile, fields: readonly string[], line: number): readonly string[] {
  const columns = fields.map((field) => field.trim())
  if (columns.length > MOST_COLUMNS)
    refuse(source.path, `this row names ${columns.length.toLocaleString('en')} columns`, { line })
  const seen = new Set<string>()
  const twice = columns.find((name) => name !== '' && seen.size === seen.add(name).size)
  if (twice !== undefined) refuse(source.path, `two columns are named "${twice}"`, { line })
  return columns
}

function valuesOf(
  source: SourceFile,
  columns: readonly string[],
  fields: readonly string[],
  line: number,
): Record<string, unknown> {
  if (fields.length !== columns.length)
    refuse(
      source.path,
      `this row has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} where the header names ` +
        `${columns.length}`,
      { line },
    )
  return Object.fromEntries(columns.map((name, index) => [name, fields[index]]))
}

const DELIMITERS = [',', ';', '\t', '|']

/**
 * The mark that finds the most columns with a meaning in the header; among such the one that divides the first
 * rows alike, and into most fields. One row is enough, and so is no line break at its end.
 */
function delimiterOf(start: string, meant: Meant, named = ','): string {
  if (named !== ',' && /^[^\n]*/.exec(start)?.[0].includes(named)) return named
  const tries = DELIMITERS.map((delimiter) => {
    const { data } = Papa.parse<string[]>(start.slice(0, 65_536), { delimiter, newline: '\n', preview: 20 })
    const [header = [], ...rows] = data
    const whole = rows.slice(0, -1) // the last may be cut off
    const isEven = whole.every(({ length }) => length === header.length || length === 1)
    const names = header.map((name) => name.trim())
    return { delimiter, meant: header.length > 1 ? meant(names).length : 0, isEven, fields: header.length }
  })
  const [best] = tries.toSorted(
    (a, b) => b.meant - a.meant || Number(b.isEven) - Number(a.isEven) || b.fields - a.fields,
  )
  return best && best.fields > 1 ? best.delimiter : named
}

/** A first line with which spreadsheets are told what divides fields. */
const SEPARATOR_LINE = /^sep=(.)\n/i
