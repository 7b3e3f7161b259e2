/** Walks the table of file formats: each row recognises and reads a file of its own, and no other's. */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formats } from '../../src-main/data/formats'
import { formatOf } from '../../src-main/data/recognise-format'
import { openSource } from '../../src-main/data/source-file'
import { readAll, written } from '../helpers/imported-file'

/** A file of each format in which two texts stand, a label beside them where the format has columns. */
const samples: Readonly<Record<string, string | Uint8Array>> = {
  txt: 'Good.\nBad.\n',
  jsonl: '{"text":"Good."}\n{"text":"Bad."}\n',
  json: '[{"text":"Good."},{"text":"Bad."}]',
  csv: 'text,source\nGood.,film\nBad.,film\n',
  tsv: 'text\tsource\nGood.\tfilm\nBad.\tfilm\n',
  parquet: fs.readFileSync('tests/fixtures/labelled.snappy.parquet'),
  arrow: fs.readFileSync('tests/fixtures/arrow/saved/data-00000-of-00002.arrow'),
}

describe.each(formats.map((format) => [format.name, format] as const))('the format %s', (name, format) => {
  it('has a sample here, and a name of its own', () => {
    expect(samples).toHaveProperty(name)
    expect(formats.filter((each) => each.name === name)).toEqual([format])
  })

  it.each(format.extensions)('is recognised and read in a file named *%s', async (extension) => {
    const file = written(`a${extension}`, samples[name] ?? '')
    const { source, head } = await openSource(file)
    expect(formatOf(source, head).name).toBe(name)
    expect((await readAll(file)).examples.length).toBeGreaterThan(1)
  })
})

it('every ending of a name leads to a format that has it', () => {
  expect(formats.flatMap((format) => format.extensions).every((each) => /^\.[a-z]+$/.test(each))).toBe(true)
})

describe('a file without a known ending', () => {
  it.each([
    ['jsonl', 'jsonl'],
    ['json', 'json'],
    ['parquet', 'parquet'],
    ['arrow', 'arrow'],
    ['txt', 'txt'],
    ['csv', 'txt'],
  ])('that holds %s is taken for %s', async (sample, taken) => {
    const { source, head } = await openSource(written('a.data', samples[sample] ?? ''))
    expect(formatOf(source, head).name).toBe(taken)
  })
})
