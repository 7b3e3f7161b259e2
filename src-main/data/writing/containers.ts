/** Rows into a file: JSON by the line, packed or not, or Parquet. One row a container. */
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import type { DatasetContainer } from '../../../src-shared/records/export'
import type { WrittenRow } from './form'
import { asTyped, schemaOf, type ValueType } from './row-types'

type Columns = ReadonlyMap<string, ValueType>
type WriteRows = (path: string, rows: AsyncIterable<WrittenRow>, columns: Columns) => Promise<void>

export const containers: Readonly<Record<DatasetContainer, WriteRows>> = {
  jsonl: (path, rows) => pipeline(linesOf(rows), createWriteStream(path)),
  'jsonl.gz': (path, rows) => pipeline(linesOf(rows), createGzip(), createWriteStream(path)),
  parquet: async (path, rows, columns) =>
    parquetWriteRows({
      writer: fileWriter(path),
      rows: typed(rows, columns),
      columns: [...columns.keys()].map((name) => ({ name })),
      schema: schemaOf(columns),
      rowGroupSize: 1000,
    }),
}

async function* linesOf(rows: AsyncIterable<WrittenRow>): AsyncGenerator<string> {
  for await (const row of rows) yield `${JSON.stringify(row)}\n`
}

async function* typed(
  rows: AsyncIterable<WrittenRow>,
  columns: Columns,
): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows)
    yield Object.fromEntries([...columns].map(([name, type]) => [name, asTyped(row[name], type)]))
}
