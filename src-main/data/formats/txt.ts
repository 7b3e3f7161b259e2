/**
 * Plain text: one text a line; or, when it is prose wrapped by hand with blank lines between its paragraphs,
 * one text a paragraph, its lines joined by spaces. Blank lines are no texts. Or cut as one asks for
 * (text-cuts.ts), or at <|endoftext|> where that stands on lines of its own.
 */
import { lineBatches, LONGEST_ROW_CHARACTERS, tooLong, type LineBatch } from '../text/lines'
import { refuse } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import type { FileFormat } from './format'
import { cutAskedForBy, cutNamed, type Cut } from './text-cuts'

export const txt: FileFormat = {
  name: 'txt',
  extensions: ['.txt', '.text', '.md'],
  countsBy: 'line',
  // Last in the table: text is what no other format claims.
  recognises: ({ named }) => named !== 'as-another',
  rows: (source, _, cut) => plainTextRows(source, cut),
}

/** Lines looked at to tell prose from one text a line. */
const LOOKED_AT = 400

async function* plainTextRows(source: SourceFile, cutName?: string): AsyncGenerator<RowBatch> {
  const cut =
    cutNamed(cutName) ?? (cutName === undefined ? cutAskedForBy(await firstLines(source)) : undefined)
  if (cut) yield* cutRows(source, cut)
  else yield* lineRows(source, cutName === 'lines')
}

async function firstLines(source: SourceFile): Promise<readonly string[]> {
  for await (const { lines } of lineBatches(source)) return lines
  return []
}

async function* cutRows(source: SourceFile, cut: Cut): AsyncGenerator<RowBatch> {
  let text: Paragraph = { lines: [], line: 1, characters: 0 }
  for await (const { lines, firstLine, bytesRead } of lineBatches(source)) {
    const rows: SourceRow[] = []
    lines.forEach((line, index) => {
      const { ended, open } = cut(line)
      for (const part of ended) {
        rows.push(...wholeText(added(source, text, part, firstLine + index)))
        text = { lines: [], line: firstLine + index, characters: 0 }
      }
      if (open !== undefined) text = added(source, text, open, firstLine + index)
    })
    yield { rows, bytesRead }
  }
  yield { rows: wholeText(text), bytesRead: source.bytesTotal }
}

/** The text with its line breaks and indentation, but for blank lines around it; none is no row. */
function wholeText({ lines, line }: Paragraph): readonly SourceRow[] {
  const text = lines
    .join('\n')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd()
  return text.trim() === '' ? [] : [{ line, values: { text } }]
}

async function* lineRows(source: SourceFile, isByLine: boolean): AsyncGenerator<RowBatch> {
  let toRows: ((batch: LineBatch) => SourceRow[]) | undefined
  let paragraph: Paragraph = { lines: [], line: 1, characters: 0 }
  for await (const batch of lineBatches(source)) {
    toRows ??=
      !isByLine && isWrappedProse(batch.lines.slice(0, LOOKED_AT)) ? (each) => paragraphs(each) : textsOf
    const notes = toRows === textsOf && batch.lines.some(isIndented) ? [indented] : []
    yield { rows: toRows(batch), bytesRead: batch.bytesRead, notes }
  }
  if (paragraph.lines.length > 0) yield { rows: [rowOf(paragraph)], bytesRead: source.bytesTotal }

  /** The paragraphs that a batch ends; one it leaves open waits for the next. */
  function paragraphs({ lines, firstLine }: LineBatch): SourceRow[] {
    const rows: SourceRow[] = []
    lines.forEach((line, i) => {
      const text = line.trim()
      if (text !== '') {
        paragraph = added(source, paragraph, text, firstLine + i)
      } else if (paragraph.lines.length > 0) {
        rows.push(rowOf(paragraph))
        paragraph = { lines: [], line: 0, characters: 0 }
      }
    })
    return rows
  }
}

const isIndented = (line: string): boolean => /^\s+\S/.test(line)

const indented =
  'Each line is a text of its own, and its indentation is left out; cut the file otherwise (whole, or at blank ' +
  'lines) to keep line breaks and indentation.'

interface Paragraph {
  readonly lines: string[]
  readonly line: number
  readonly characters: number
}

function added(
  source: SourceFile,
  { lines, line, characters }: Paragraph,
  text: string,
  at: number,
): Paragraph {
  const all = characters + text.length + 1
  if (all > LONGEST_ROW_CHARACTERS) refuse(source.path, tooLong, { line })
  lines.push(text)
  return { lines, line: lines.length === 1 ? at : line, characters: all }
}

const rowOf = ({ lines, line }: Paragraph): SourceRow => ({ line, values: { text: lines.join(' ') } })

const textsOf = ({ lines, firstLine }: LineBatch): SourceRow[] =>
  lines
    .map((line, i) => ({ line: firstLine + i, values: { text: line.trim() } }))
    .filter((row) => row.values.text !== '')

/**
 * Wrapped prose has blank lines, and most of its lines stand in paragraphs of several lines, all but the last
 * of each about as wide as a page.
 */
function isWrappedProse(lines: readonly string[]): boolean {
  const blocks = lines
    .map((line) => line.trim())
    .join('\n')
    .split(/\n{2,}/)
    .map((block) => block.split('\n'))
    .filter((block) => block[0] !== '')
  if (blocks.length < 2) return false
  const inside = blocks.flatMap((block) => block.slice(0, -1).map((line) => line.length))
  const all = blocks.reduce((sum, block) => sum + block.length, 0)
  const wide = inside.filter((length) => length >= 45 && length <= 120).length
  return inside.length >= 0.4 * all && wide >= 0.7 * inside.length
}
