/** Parquet and Arrow as polars, DuckDB and pyarrow write them (tests/fixtures/other-writers/others.py). */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { arrow } from '../../src-main/data/formats/arrow'
import { parquet } from '../../src-main/data/formats/parquet'

const folder = 'tests/fixtures/other-writers'
const rows = JSON.parse(fs.readFileSync(`${folder}/rows.json`, 'utf8')) as unknown[]
const files = fs.readdirSync(folder).filter((name) => /\.(?:arrow|parquet)$/.test(name))

describe('rows written by others', () => {
  it('are six files', () => {
    expect(files).toHaveLength(6)
  })

  it.each(files)('are read as they were written (%s)', async (name) => {
    const path = `${folder}/${name}`
    const format = name.endsWith('.arrow') ? arrow : parquet
    const read: unknown[] = []
    const source = { path, packing: undefined, bytesTotal: fs.statSync(path).size }
    for await (const batch of format.rows(source, (found) => found))
      read.push(...batch.rows.map(({ values }) => values))
    expect(read).toEqual(rows)
  })
})
