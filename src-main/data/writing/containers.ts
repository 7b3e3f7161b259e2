/** Rows into a file: JSON by the line, or Parquet. One row a container. */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import type { DatasetContainer } from '../../../src-shared/records/export'
import type { WrittenRow } from './form'
import { asTyped, schemaOf, type ValueType } from './row-types'

type Columns = ReadonlyMap<string, ValueType>
type WriteRows = (path: string, rows: AsyncIterable<WrittenRow>, columns: Columns) => Promise<void>

export const containers: Readonly<Record<DatasetContainer, WriteRows>> = {
  jsonl: async (path, rows) => {
    const file = createWriteStream(path)
    const end = finished(file)
    try {
      for await (const row of rows)
        if (!file.write(`${JSON.stringify(row)}\n`)) await Promise.race([once(file, 'drain'), end])
    } finally {
      file.end()
      await end
    }
  },
  parquet: async (path, rows, columns) =>
    parquetWriteRows({
      writer: fileWriter(path),
      rows: typed(rows, columns),
      columns: [...columns.keys()].map((name) => ({ name })),
      schema: schemaOf(columns),
      rowGroupSize: 1000,
    }),
}

async function* typed(
  rows: AsyncIterable<WrittenRow>,
  columns: Columns,
): AsyncGenerator<Record<string, unknown>> {
  for await (const row of rows)
    yield Object.fromEntries([...columns].map(([name, type]) => [name, asTyped(row[name], type)]))
}
