/**
 * JSON that begins with an object: one a line, over several lines each, or one object that holds all rows
 * (json-object.ts). Blank lines are no rows, and a comma after a row is no part of it.
 */
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { jsonFeed } from '../text/json-feed'
import { lineBatches } from '../text/lines'
import type { FileFormat } from './format'
import { rowsInObject } from './json-object'
import { jsonRow } from './json-row'

export const jsonl: FileFormat = {
  name: 'jsonl',
  // Many write lines into a file named .json: what is no array is taken for them.
  extensions: ['.jsonl', '.ndjson', '.json'],
  countsBy: 'line',
  recognises: ({ named, opening }) => named === 'as-this' || (named === 'as-none' && opening === '{'),
  rows: jsonRows,
}

async function* jsonRows(source: SourceFile): AsyncGenerator<RowBatch> {
  const inside = await rowsInObject(source)
  if (inside) yield* inside
  else if (await isOverSeveralLines(source)) yield* valueRows(source)
  else yield* lineRows(source)
}

/** Whether the first value goes on after its first line. */
async function isOverSeveralLines(source: SourceFile): Promise<boolean> {
  const feed = jsonFeed(source)
  try {
    if ((await feed.next()) !== '{') return false
    const { text, isCut } = await feed.value()
    return !isCut && text.includes('\n')
  } finally {
    await feed.close()
  }
}

async function* lineRows(source: SourceFile): AsyncGenerator<RowBatch> {
  for await (const { lines, firstLine, bytesRead } of lineBatches(source)) {
    const rows: SourceRow[] = []
    lines.forEach((line, index) => {
      if (line.trim() === '') return
      const text = line.endsWith(',') || line.trimEnd().endsWith(',') ? withoutComma(line) : line
      rows.push(jsonRow(source, withoutMark(text), { line: firstLine + index, column: 1 }))
    })
    yield { rows, bytesRead }
  }
}

/** JSON text sequences put a record separator before each row (RFC 7464). */
const withoutMark = (line: string): string => (line.startsWith('\u001e') ? line.slice(1) : line)

const withoutComma = (line: string): string => line.trimEnd().slice(0, -1)

const BATCH_ROWS = 500

async function* valueRows(source: SourceFile): AsyncGenerator<RowBatch> {
  const feed = jsonFeed(source)
  try {
    let rows: SourceRow[] = []
    for (let unit = await feed.next(); unit !== undefined; unit = await feed.next()) {
      if (unit === ',' && rows.length > 0) {
        feed.pass()
        continue
      }
      const { text, place } = await feed.value()
      rows.push(jsonRow(source, text, place))
      if (rows.length < BATCH_ROWS) continue
      yield { rows: rows.slice(0, -1), bytesRead: feed.bytesRead() }
      rows = rows.slice(-1) // tells a comma after a row from one before any
    }
    yield { rows, bytesRead: feed.bytesRead() }
  } finally {
    await feed.close()
  }
}
