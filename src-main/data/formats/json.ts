/** One JSON array of objects, read element by element, so that it never stands in memory whole. */
import { refuse } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { jsonFeed, type JsonFeed } from '../text/json-feed'
import type { FileFormat } from './format'
import { isMessage, jsonRow } from './json-row'

export const json: FileFormat = {
  name: 'json',
  extensions: ['.json', '.jsonl', '.ndjson'],
  countsBy: 'line',
  recognises: ({ named, opening }) => named !== 'as-another' && opening === '[',
  rows: jsonArrayRows,
}

async function* jsonArrayRows(source: SourceFile): AsyncGenerator<RowBatch> {
  const feed = jsonFeed(source)
  try {
    await feed.next()
    let isConversation = yield* arrayRows(source, feed)
    for (let unit = await feed.next(); unit !== undefined; unit = await feed.next()) {
      if (!isConversation || unit !== '[')
        refuse(source.path, 'this is not JSON: something follows the array', feed.place())
      isConversation = yield* arrayRows(source, feed, true)
    }
  } finally {
    await feed.close()
  }
}

/** Rows given at once, and characters of them, whichever comes first. */
const BATCH_ROWS = 500
const BATCH_CHARACTERS = 1 << 19

/**
 * The elements of the array that the feed stands before. One of messages is one row.
 * @param isAnother whether a conversation stood before it: then it must be one, too
 * @returns whether it is one
 */
export async function* arrayRows(
  source: SourceFile,
  feed: JsonFeed,
  isAnother = false,
): AsyncGenerator<RowBatch, boolean> {
  const start = feed.place()
  const messages: unknown[] = []
  let rows: SourceRow[] = []
  let characters = 0
  for await (const { text, place } of elements(source, feed)) {
    const row = jsonRow(source, text, place)
    if (isMessage(row.values)) messages.push(row.values)
    else rows.push(row)
    if (rows.length > 0 && (messages.length > 0 || isAnother))
      refuse(source.path, 'messages of a conversation and other rows stand side by side here', place)
    characters += text.length
    if (rows.length < BATCH_ROWS && characters < BATCH_CHARACTERS) continue
    yield { rows, bytesRead: feed.bytesRead() }
    rows = []
    characters = 0
  }
  if (messages.length > 0) rows = [{ line: start.line, values: { messages } }]
  yield { rows, bytesRead: feed.bytesRead() }
  return messages.length > 0
}

async function* elements(
  source: SourceFile,
  feed: JsonFeed,
): AsyncGenerator<{ readonly text: string; readonly place: ReturnType<JsonFeed['place']> }> {
  feed.pass()
  for (let unit = await feed.next(); unit !== ']'; unit = await feed.next()) {
    if (unit === '}') refuse(source.path, unclosed(unit), feed.place())
    const value = await feed.value()
    const after = await feed.next()
    if (value.isCut || after === undefined) return refuse(source.path, cutOff, feed.place())
    yield value
    if (after === ']') break
    if (after !== ',') refuse(source.path, unclosed(after), feed.place())
    feed.pass()
  }
  feed.pass()
}

const cutOff = 'this is not JSON: the file ends inside its array; it may be cut off'

const unclosed = (unit: string): string =>
  unit === '}'
    ? `this is not JSON: “${unit}” stands where the array should end with ]`
    : `this is not JSON: “${unit}” stands where , or ] should`
