/**
 * Arrow, as a stream or a file. Read batch by batch; only the columns that mean something are looked at.
 */
import { readBatch } from '../arrow/batch'
import { columnIn, type ValueAt } from '../arrow/columns'
import { numberIn, tableIn } from '../arrow/flatbuffer'
import { kinds, messagesIn, type Message } from '../arrow/messages'
import { fieldsOf, type ArrowField } from '../arrow/schema'
import { refuse, RowProblem } from '../refuse'
import type { RowBatch, SourceRow } from '../rows'
import { openedAt, type SourceFile } from '../source-file'
import type { FileFormat, FileStart } from './format'

const FILE_SIGNATURE = 'ARROW1'
const STREAM_SIGNATURE = '\xff\xff\xff\xff'
const isSigned = ({ head }: FileStart): boolean =>
  head.startsWith(FILE_SIGNATURE) || head.startsWith(STREAM_SIGNATURE)

export const arrow: FileFormat = {
  name: 'arrow',
  extensions: ['.arrow', '.feather', '.ipc'],
  countsBy: 'row',
  recognises: (start) => isSigned(start) || start.named === 'as-this',
  refusal: (start) => {
    if (!isSigned(start)) return 'this is no Arrow file: it does not begin as one'
    return start.packing && `this is an Arrow file packed again with ${start.packing}; unpack it first`
  },
  rows: arrowRows,
}

type Meant = Parameters<FileFormat['rows']>[1]

const BATCH_ROWS = 500

async function* arrowRows(source: SourceFile, meant: Meant): AsyncGenerator<RowBatch> {
  const state: State = { fields: [], dictionaries: new Map() }
  let line = 1
  const file = await openedAt(source)
  const messages = messagesIn(file, source.bytesTotal)
  try {
    for (;;) {
      const { value: message, done } = await orRefuse(source, () => messages.next())
      if (done) return
      const batch = await orRefuse(source, () => take(state, message))
      if (!batch) continue
      const names = state.fields.map(({ name }) => name)
      const asked = meant(names)
      for (let from = 0; from < batch.rows; from += BATCH_ROWS) {
        const to = Math.min(batch.rows, from + BATCH_ROWS)
        const rows: SourceRow[] = []
        for (let index = from; index < to; index++, line++)
          rows.push({ line, values: await orRefuse(source, () => valuesOf(batch, index, asked), line) })
        yield { rows, bytesRead: message.end, columns: names }
      }
    }
  } finally {
    await file.close()
  }
}

/** What the messages so far have said. */
interface State {
  fields: readonly ArrowField[]
  readonly dictionaries: Map<number, ValueAt>
}

interface Rows {
  readonly rows: number
  readonly columns: ReadonlyMap<string, ValueAt>
}

async function take(state: State, { kind, header, body }: Message): Promise<Rows | undefined> {
  const { dictionaries } = state
  if (kind === kinds.schema) {
    state.fields = fieldsOf(header)
  } else if (kind === kinds.dictionary) {
    const data = tableIn(header, 1)
    const field = data && dictionaryField(state.fields, numberIn(header, 0, 8))
    if (!data || !field) throw new Error('a dictionary of it belongs to no column')
    if (numberIn(header, 2, 1) !== 0) throw new Error('its dictionaries grow, which is not read')
    const values = columnIn({ ...field, dictionary: undefined }, await readBatch(data, body), dictionaries)
    dictionaries.set(numberIn(header, 0, 8), values)
  } else if (kind === kinds.batch) {
    const batch = await readBatch(header, body)
    const columns = state.fields.map((field) => [field.name, columnIn(field, batch, dictionaries)] as const)
    return { rows: batch.rows, columns: new Map(columns) }
  }
  return undefined
}

function dictionaryField(fields: readonly ArrowField[], id: number): ArrowField | undefined {
  const own = fields.find(({ dictionary }) => dictionary?.id === id)
  return (
    own ?? fields.map(({ children }) => dictionaryField(children, id)).find((field) => field !== undefined)
  )
}

function valuesOf({ columns }: Rows, index: number, asked: readonly string[]): SourceRow['values'] {
  const room = { characters: 0 }
  return Object.fromEntries(asked.map((name) => [name, columns.get(name)?.(index, room)]))
}

/** What a damaged file leads to is the file's fault, and said so; what is wrong with a row, with its number. */
async function orRefuse<T>(source: SourceFile, work: () => T | Promise<T>, row?: number): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'StudioFailure') throw error
    const place = row === undefined ? '' : `row ${row}: `
    if (error instanceof RowProblem) return refuse(source.path, `${place}${error.message}`)
    return refuse(source.path, `this Arrow file is damaged or cut off (${place}${error.message})`)
  }
}
