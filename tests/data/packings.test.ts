/** Packed files: read as what is in them, whatever their names, and never unpacked further than they are worth. */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nameOf } from '../../src-main/data/import-file'
import { packings } from '../../src-main/data/packings'
import { readAll, refusal, written } from '../helpers/imported-file'

/** Two rows, packed by gzip, xz, bzip2 and pyarrow's zstd (tests/fixtures/packed). */
const samples: Readonly<Record<string, string>> = {
  bzip2: 'a.jsonl.bz2',
  gzip: 'a.jsonl.gz',
  xz: 'a.jsonl.xz',
  zstd: 'a.jsonl.zst',
}

describe.each(packings.map((packing) => [packing.name, packing] as const))(
  'a file packed by %s',
  (name, packing) => {
    const bytes = fs.readFileSync(`tests/fixtures/packed/${samples[name]}`)

    it.each(packing.extensions)(
      'is read, and its name tells what is in it (*.jsonl%s)',
      async (extension) => {
        const file = written(`a.jsonl${extension}`, bytes)
        expect((await readAll(file)).examples).toEqual([{ completion: 'Good.' }, { completion: 'Bad.' }])
        expect(nameOf(file).name).toBe('a')
      },
    )

    it('is read whatever its name', async () => {
      expect((await readAll(written('a.jsonl', bytes))).examples).toHaveLength(2)
    })

    it('is refused in words when it is cut off or damaged', async () => {
      for (let length = 10; length < bytes.length - 2; length += 3) {
        const refused = await refusal(written('a.jsonl', bytes.subarray(0, length)))
        expect(refused.problem).toMatch(/damaged or cut off|holds no rows|is empty/)
      }
    })
  },
)

describe('a file that unpacks to very much', () => {
  it.each(['zst', 'bz2'])(
    'is refused when more comes out of it than its size can be worth (%s)',
    async (name) => {
      const bomb = `tests/fixtures/packed/bomb.jsonl.${name}`
      expect(fs.statSync(bomb).size).toBeLessThan(30_000)
      expect((await refusal(bomb)).problem).toMatch(
        /^it unpacks to more than \d+ million characters out of a file of/,
      )
    },
  )

  it('is refused when it asks for more memory than zstd gives without being asked', async () => {
    // a frame of unknown size whose window is 2³¹ bytes (RFC 8878, 3.1.1.1.2: exponent 21, mantissa 0)
    const greedy = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 1, 0, 0])
    expect((await refusal(written('a.jsonl', greedy))).problem).toMatch(/zstd data cannot be unpacked/)
  })
})

describe('bzip2', () => {
  const two = fs.readFileSync('tests/fixtures/packed/a.jsonl.bz2')

  it('is read where several streams follow one another, as parallel packers write them', async () => {
    const file = written('a.jsonl.bz2', Buffer.concat([two, two]))
    expect((await readAll(file)).examples).toHaveLength(4)
  })

  it('is refused where a byte of a block was changed', async () => {
    const changed = Buffer.from(two)
    changed[12]! ^= 1 // the block's checksum
    expect((await refusal(written('a.jsonl.bz2', changed))).problem).toMatch(/bzip2 data cannot be unpacked/)
  })

  it('is not seen in a text that begins with its letters', async () => {
    const { examples } = await readAll(written('a.txt', Buffer.from('BZh9 is a name.\n')))
    expect(examples).toEqual([{ completion: 'BZh9 is a name.' }])
  })
})
