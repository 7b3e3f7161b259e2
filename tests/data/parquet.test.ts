/** Every way of writing Parquet is read as pyarrow reads it (tests/fixtures/parquet/varieties.py). */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parquet } from '../../src-main/data/formats/parquet'

const folder = 'tests/fixtures/parquet'
const varieties = JSON.parse(fs.readFileSync(`${folder}/varieties.json`, 'utf8')) as Record<string, unknown[]>

describe('a Parquet file', () => {
  it('has rows on record for each file that lies beside them', () => {
    const files = fs.readdirSync(folder).filter((name) => name.endsWith('.parquet'))
    expect(files.toSorted()).toEqual(Object.keys(varieties).toSorted())
    expect(files.length).toBeGreaterThan(19)
  })

  it.each(Object.entries(varieties))('is read as pyarrow reads it (%s)', async (name, rows) => {
    const read: unknown[] = []
    const path = `${folder}/${name}`
    const source = { path, packing: undefined, bytesTotal: fs.statSync(path).size }
    for await (const batch of parquet.rows(source, (found) => found))
      read.push(...batch.rows.map(({ values }) => values))
    expect(read).toEqual(rows)
  })
})
