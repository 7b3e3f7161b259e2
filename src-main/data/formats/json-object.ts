/**
 * One object that holds all rows of a file: a list of them under a name such as "data", or columns, as lists,
 * by the number of the row, or named apart from their values (pandas' to_json writes all of these).
 */
import { refuse } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import type { SourceFile } from '../source-file'
import { jsonFeed, type JsonFeed } from '../text/json-feed'
import { arrayRows } from './json'
import { isConversation, isMessage, isObject, jsonValue, rowOfValue } from './json-row'

/** What a list of rows is called, in lower case. */
const listNames = [
  ...['data', 'train', 'rows', 'examples', 'instances', 'items', 'records', 'samples', 'dataset'],
  ...['validation', 'valid', 'test', 'results', 'entries'],
]

/** What a conversation is called that is a list of texts, of which every other is the assistant's. */
const talkNames = ['messages', 'conversations', 'conversation', 'dialogue', 'dialog', 'chat']

/** Text of one column, or of all rows by their numbers: more is written as lines. */
const LONGEST_COLUMN_CHARACTERS = 1 << 24

/** @returns the rows, or undefined when the file is no such object */
export async function rowsInObject(source: SourceFile): Promise<AsyncGenerator<RowBatch> | undefined> {
  const feed = jsonFeed(source)
  const found = await search(source, feed)
  if (found !== 'list') await feed.close()
  if (found === undefined) return undefined
  if (found !== 'list') return oneBatch(found, source.bytesTotal)
  return listRows(source, feed)
}

async function* oneBatch(rows: readonly SourceRow[], bytesRead: number): AsyncGenerator<RowBatch> {
  yield { rows, bytesRead }
}

/** The feed stands before the list. What follows it is no row. */
async function* listRows(source: SourceFile, feed: JsonFeed): AsyncGenerator<RowBatch> {
  try {
    yield* arrayRows(source, feed)
    for (let unit = await feed.next(); unit === ','; unit = await feed.next()) {
      feed.pass()
      const name = await memberName(source, feed)
      const { text } = await feed.value()
      if (isListOfRows(text)) yield { rows: [], bytesRead: feed.bytesRead(), notes: [notRead(name ?? '')] }
    }
    if ((await feed.next()) !== '}')
      refuse(
        source.path,
        'this is not JSON: the file ends inside its object; it may be cut off',
        feed.place(),
      )
    feed.pass()
    if ((await feed.next()) !== undefined)
      refuse(source.path, 'this is not JSON: something follows the object', feed.place())
  } finally {
    await feed.close()
  }
}

/** Another split, which a reader of one file does not take for its own. */
const isListOfRows = (text: string): boolean => /^\[\s*\{/.test(text)

const notRead = (name: string): string =>
  `“${name}” is a second list of rows, and was not read: import it as a file of its own.`

/**
 * Looks at the members of the first object, as far as a list of rows; or at all, when the object is alone and
 * holds columns.
 */
async function search(
  source: SourceFile,
  feed: JsonFeed,
): Promise<'list' | readonly SourceRow[] | undefined> {
  if ((await feed.next()) !== '{') return undefined
  const members = new Map<string, unknown>()
  for (let unit: string | undefined = ','; unit === ','; unit = await feed.next()) {
    feed.pass()
    const name = await memberName(source, feed)
    if (name === undefined) return undefined
    const isNamed = listNames.includes(name.toLowerCase()) && !members.has('columns')
    if (isNamed && (await feed.next()) === '[' && (members.size === 0 || !(await isOfTexts(source, name))))
      return 'list'
    const { text, place, isCut } = await feed.value(LONGEST_COLUMN_CHARACTERS)
    if (isCut) return undefined
    const value = valueOr(source, text, place)
    if (value === undefined) return undefined
    members.set(name, value)
  }
  feed.pass()
  const isAlone = (await feed.next()) === undefined
  return isAlone ? rowsOfColumns(source, members) : undefined
}

/** Whether the list of this name begins with a text: beside other members it is a value of a row, not its rows. */
async function isOfTexts(source: SourceFile, wanted: string): Promise<boolean> {
  const feed = jsonFeed(source)
  try {
    await feed.next()
    for (;;) {
      feed.pass()
      const name = await memberName(source, feed)
      if (name === undefined) return false
      if (name === wanted) break
      await feed.value(LONGEST_COLUMN_CHARACTERS)
      await feed.next()
    }
    feed.pass()
    return (await feed.next()) === '"'
  } finally {
    await feed.close()
  }
}

/** Whoever reads the rows says what is no JSON in them. */
function valueOr(source: SourceFile, text: string, place: ReturnType<JsonFeed['place']>): unknown {
  try {
    return jsonValue(source, text, place)
  } catch {
    return undefined
  }
}

async function memberName(source: SourceFile, feed: JsonFeed): Promise<string | undefined> {
  if ((await feed.next()) !== '"') return undefined
  const { text, place } = await feed.value()
  if ((await feed.next()) !== ':') return undefined
  feed.pass()
  const name = valueOr(source, text, place)
  return typeof name === 'string' && (await feed.next()) !== undefined ? name : undefined
}

function rowsOfColumns(
  source: SourceFile,
  members: ReadonlyMap<string, unknown>,
): readonly SourceRow[] | undefined {
  const values = [...members.values()]
  const names = [...members.keys()]
  const rows = apart(members) ?? lists(names, values) ?? byNumber(names, values)
  return rows?.map((row, index) => rowOfValue(source, row, index + 1))
}

/** {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]} */
function apart(members: ReadonlyMap<string, unknown>): readonly unknown[] | undefined {
  const columns = members.get('columns')
  const data = members.get('data')
  if (!Array.isArray(columns) || !Array.isArray(data) || !data.every(Array.isArray)) return undefined
  return data.map((row: readonly unknown[]) =>
    Object.fromEntries(columns.map((name, index) => [String(name), row[index] ?? null])),
  )
}

/** {"a": [1, 3], "b": [2, 4]}; a conversation or a list of messages is one row's value. */
function lists(names: readonly string[], values: readonly unknown[]): readonly unknown[] | undefined {
  const columns = values.filter(isList)
  const length = columns[0]?.length ?? 0
  const isTable = columns.length === values.length && columns.every((column) => column.length === length)
  if (!isTable || length === 0 || columns.some(isConversation)) return undefined
  if (names.every((name) => talkNames.includes(name.toLowerCase()))) return undefined
  if (columns.every((column) => column.every((each) => each === null || isObject(each)))) return undefined
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(names.map((name, at) => [name, columns[at]?.[index]])),
  )
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const NUMBER = /^\d+$/

/** Rows by whatever they are called: several, all with the same names of more than one column. */
function areRecords(objects: readonly Record<string, unknown>[]): boolean {
  const [first = '', ...others] = objects.map((each) => JSON.stringify(Object.keys(each).toSorted()))
  const columns = Object.keys(objects[0] ?? {})
  return (
    others.length > 0 &&
    others.every((each) => each === first) &&
    columns.length > 1 &&
    !columns.some((name) => NUMBER.test(name))
  )
}

/** {"a": {"0": 1, "1": 3}, "b": {"0": 2, "1": 4}}, or {"0": {"a": 1}, "1": {"a": 3}} */
function byNumber(names: readonly string[], values: readonly unknown[]): readonly unknown[] | undefined {
  const objects = values.filter(isObject)
  if (objects.length === 0 || objects.length < values.length) return undefined
  if (objects.some(isMessage)) return undefined
  if (names.every((name) => NUMBER.test(name)) || areRecords(objects)) return objects
  const numbers = Object.keys(objects[0] ?? {})
  const isTable = objects.every((column) => Object.keys(column).every((key) => NUMBER.test(key)))
  if (!isTable || numbers.length === 0) return undefined
  return numbers.map((number) =>
    Object.fromEntries(names.map((name, at) => [name, objects[at]?.[number] ?? null])),
  )
}
