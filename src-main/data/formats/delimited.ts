/**
 * Reads CSV and TSV: the first row names the columns. Papa Parse reads the rows; what it forgives is refused here.
 */
import Papa from 'papaparse'
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
 * @param delimiter what divides fields; without it the mark that divides the first rows best
 * @throws StudioFailure refused-file: quotes that do not close, rows with more or fewer fields than the
 *   header, columns of one name
 */
export async function* delimitedRows(source: SourceFile, delimiter?: string): AsyncGenerator<RowBatch> {
  const position: Position = { line: 1, columns: undefined }
  let parser: Papa.Parser | undefined
  let rest = ''
  let bytesRead = 0
  let nextTry = 0
  for await (const chunk of textChunks(source)) {
    rest += chunk.text
    bytesRead = chunk.bytesRead
    if (rest.length < nextTry && rest.length <= LONGEST_ROW_CHARACTERS) continue
    parser ??= parserFor(delimiter ?? delimiterOf(rest))
    const parsed = parser.parse(rest, 0, true) as Parsed
    rest = rest.slice(parsed.meta.cursor)
    if (rest.length > LONGEST_ROW_CHARACTERS)
      refuse(source.path, endlessRow(rest), { line: position.line + newLines(parsed.data) })
    // a row of many chunks is not parsed again at each
    nextTry = parsed.data.length === 0 ? 2 * rest.length : 0
    yield { rows: rowsOf(source, parsed, position), bytesRead }
  }
  parser ??= parserFor(delimiter ?? delimiterOf(rest))
  yield { rows: rowsOf(source, parser.parse(rest, 0, false) as Parsed, position), bytesRead }
}

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
    if (fields.length === 1 && fields[0]?.trim() === '') return
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
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index)
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

/** The mark that divides the most rows alike; a comma when nothing does. */
function delimiterOf(start: string): string {
  const { delimiter } = Papa.parse(start.slice(0, 65_536), {
    preview: 20,
    delimitersToGuess: [',', ';', '\t', '|'],
  }).meta
  return delimiter || ','
}
