/** Arrow is read as pyarrow reads it (tests/fixtures/arrow/varieties.py), and never further than its bytes. */
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrow } from '../../src-main/data/formats/arrow'
import { StudioFailure } from '../../src-shared/result'
import { readAll, refusal, written } from '../helpers/imported-file'
import { testFolder } from '../helpers/registry'

const folder = 'tests/fixtures/arrow'
const varieties = JSON.parse(fs.readFileSync(`${folder}/varieties.json`, 'utf8')) as Record<string, unknown[]>

async function rowsOf(file: string): Promise<unknown[]> {
  const read: unknown[] = []
  const source = { path: file, packing: undefined, bytesTotal: fs.statSync(file).size }
  for await (const batch of arrow.rows(source, (found) => found))
    read.push(...batch.rows.map(({ values }) => values))
  return read
}

describe('an Arrow file', () => {
  it.each(Object.entries(varieties))('is read as pyarrow reads it (%s)', async (name, rows) => {
    expect(await rowsOf(`${folder}/${name}`)).toEqual(rows)
  })

  it('17: as save_to_disk writes it is a dataset', async () => {
    const { kind, examples } = await readAll('tests/fixtures/field-cases/17-arrow-stream.arrow')
    expect({ kind, examples }).toEqual({
      kind: 'demonstrations',
      examples: [{ prompt: 'Egg?', completion: 'Eight.' }],
    })
  })

  it('17: a folder of save_to_disk is read as one file', async () => {
    const { examples, columns } = await readAll(`${folder}/saved`)
    expect(examples).toEqual([1, 2, 3, 4, 5].map((row) => ({ completion: `Row ${row}.` })))
    expect(columns.unread).toEqual(['number'])
  })

  it('17: a folder of several splits says which there are', async () => {
    const several = testFolder()
    fs.writeFileSync(path.join(several, 'dataset_dict.json'), '{"splits":["train","test"]}')
    expect((await refusal(several)).problem).toBe(
      'it holds the splits train, test: import the folder of one of them',
    )
  })

  it('17: a folder whose list of files leads elsewhere is refused', async () => {
    const leading = testFolder()
    fs.writeFileSync(path.join(leading, 'state.json'), '{"_data_files":[{"filename":"../secret.arrow"}]}')
    expect((await refusal(leading)).problem).toMatch(/lies elsewhere/)
  })

  it.each(['stream.arrow', 'zstd.arrow', 'views.arrow'])(
    'with a few bytes changed is read whole or refused in words (%s)',
    async (name) => {
      const bytes = fs.readFileSync(`${folder}/${name}`)
      const place = testFolder()
      let refused = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
            minLength: 1,
            maxLength: 4,
          }),
          async (changes) => {
            const changed = Buffer.from(bytes)
            for (const [at, byte] of changes) changed[at] = byte
            try {
              await rowsOf(written('a.arrow', changed, place))
            } catch (error) {
              if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-file') throw error
              refused++
            }
          },
        ),
        { numRuns: 300 },
      )
      expect(refused).toBeGreaterThan(0)
    },
  )

  it('cut off anywhere is refused, or read as far as whole batches go', async () => {
    const bytes = fs.readFileSync(`${folder}/stream.arrow`)
    const all = varieties['stream.arrow']!
    for (let length = 8; length < bytes.length; length += 97) {
      const file = written('a.arrow', bytes.subarray(0, length))
      const read = await rowsOf(file).catch((error: unknown) => {
        if (error instanceof StudioFailure) return undefined
        throw error
      })
      if (read) expect(read).toEqual(all.slice(0, read.length))
    }
  })
})
