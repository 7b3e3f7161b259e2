/**
 * Parquet files that say they have more than they have, or that hold very much in very little: none decides
 * what is set aside in memory. Each is read in a process of its own, whose memory is looked at.
 */
import { describe, expect, it } from 'vitest'
import { nextMessage, startProgram } from '../helpers/program'
import { refusal, readAll, written } from '../helpers/imported-file'
import { listsInLists, plainText, toldParquet, uint32, varint, type Told } from './lying-parquet'

const most = 2 ** 31 - 1
const plain = 0
const byDictionary = 8
const packedBySnappy = 1
const packedByGzip = 2
const packedByZstd = 6
const word = plainText('Good.')
const oneText = { bytes: word, entries: 1, encoding: plain }

/** Places of one dictionary: so many times the first. */
const run = (count: number | bigint): Buffer =>
  Buffer.concat([Buffer.from([1]), varint(BigInt(count) * 2n), Buffer.from([0])])

/** Levels of the first version of pages: one run, its length before it. */
const levels = (count: number, value: number): Buffer =>
  Buffer.concat([uint32(varint(count * 2).length + 1), varint(count * 2), Buffer.from([value])])

/** A list that goes on for so many entries, in one row. */
const endlessList = (count: number, longText: string): Told => ({
  rows: 1,
  isList: true,
  dictionary: { bytes: plainText(longText), entries: 1 },
  page: {
    bytes: Buffer.concat([
      Buffer.concat([uint32(3 + varint(count * 2).length), varint(2), Buffer.from([0])]),
      Buffer.concat([varint(count * 2), Buffer.from([1])]),
      levels(count + 1, 3),
      run(count + 1),
    ]),
    entries: most,
    encoding: byDictionary,
  },
})

/** Texts that share all of the one before them and add nothing, as differences: their sum grows without end. */
const wide = { rows: most, page: { bytes: run(most), entries: most, encoding: byDictionary } }

const lies: Readonly<Record<string, readonly [file: Buffer, problem: RegExp]>> = {
  'two thousand million rows of one text': [
    toldParquet({ ...wide, dictionary: { bytes: plainText('x'.repeat(1000)), entries: 1 } }),
    /more than .* out of a file of/,
  ],
  'two thousand million rows of an empty text': [
    toldParquet({ ...wide, dictionary: { bytes: plainText('x'), entries: 1 } }),
    /more than .* out of a file of/,
  ],
  'rows beyond all counting': [toldParquet({ rows: 2n ** 60n, page: oneText }), /it says it has 1\d+ rows/],
  'a page of more rows than it has': [
    toldParquet({ rows: 3, page: { bytes: word, entries: 3, encoding: plain } }),
    /row 2: it ends too early/,
  ],
  'a run that is longer than its page': [
    toldParquet({ ...wide, rows: 1, dictionary: { bytes: word, entries: most } }),
    /says it has 2147483647 values and has 1/,
  ],
  'a text longer than the file': [
    toldParquet({ rows: 1, page: { ...oneText, bytes: Buffer.concat([uint32(2 ** 32 - 1), word]) } }),
    /it ends too early/,
  ],
  ...Object.fromEntries(
    [packedBySnappy, packedByGzip, packedByZstd].map((codec) => [
      `a page that unpacks to 2 GB (codec ${codec})`,
      [
        toldParquet({ rows: 1, codec, page: { ...oneText, unpackedBytes: most } }),
        /a page of it says it has/,
      ],
    ]),
  ),
  'a page longer than its column': [
    toldParquet({ rows: 1, page: { ...oneText, packedBytes: most } }),
    /a page of it is longer than its column/,
  ],
  'a column longer than the file': [
    toldParquet({ rows: 1, columnBytes: 2n ** 60n, page: oneText }),
    /lies outside of the file/,
  ],
  'a footer longer than the file': [
    toldParquet({ rows: 1, footerBytes: 2 ** 32 - 1, page: oneText }),
    /its list of columns is longer than the file/,
  ],
  'columns without end': [
    toldParquet({ rows: 1, childrenOfRoot: most, page: oneText }),
    /its list of columns is not whole/,
  ],
  'lists in lists in its footer': [listsInLists(most, 1000), /it ends too early/],
  'lists in lists in its footer that fit': [listsInLists(200, 1000), /nested too deep/],
  'a list without end in one row': [
    toldParquet(endlessList(2 ** 29, 'Good.')),
    /row 1: (this row is longer|"text" is a list of more than a million)/,
  ],
  'a list of long texts in one row': [
    toldParquet(endlessList(2 ** 29, 'x'.repeat(100_000))),
    /row 1: this row is longer/,
  ],
  'differences in blocks that no page has room for': [
    toldParquet({
      rows: 1,
      page: {
        bytes: Buffer.concat([varint(most), varint(most), varint(1), varint(0)]),
        entries: 1,
        encoding: 6,
      },
    }),
    /its blocks have 2147483647 numbers/,
  ],
  'a text that begins as a text of 2 GB': [
    toldParquet({ rows: 1, page: { bytes: sharedPrefix(most), entries: 1, encoding: 7 } }),
    /begins as no text before it does/,
  ],
}

/** One text that says it begins as the first `length` bytes of the one before it, which is not there. */
function sharedPrefix(length: number): Buffer {
  const number = (value: number): Buffer =>
    Buffer.concat([varint(128), varint(4), varint(1), varint(BigInt(value) * 2n)])
  return Buffer.concat([number(length), number(0)])
}

describe('5: a Parquet file that lies about its sizes', () => {
  it.each(Object.entries(lies))('is refused in words (%s)', async (_, [file, problem]) => {
    expect(file.length).toBeLessThan(110_000)
    expect((await refusal(written('a.parquet', file))).problem).toMatch(problem)
  })

  it('is read where it does not lie', async () => {
    const honest = toldParquet({ rows: 1, page: oneText })
    expect((await readAll(written('a.parquet', honest))).examples).toEqual([{ completion: 'Good.' }])
    const many = toldParquet({
      rows: 100,
      dictionary: { bytes: word, entries: 1 },
      page: { bytes: run(100), entries: 100, encoding: byDictionary },
    })
    expect((await readAll(written('a.parquet', many))).examples).toHaveLength(100)
  })

  it.each([
    'two thousand million rows of one text',
    'a run that is longer than its page',
    'lists in lists in its footer',
    'a list of long texts in one row',
  ])('takes little memory (%s)', async (name) => {
    const honest = await peakOf(toldParquet({ rows: 1, page: oneText }))
    expect((await peakOf(lies[name]![0])) - honest).toBeLessThan(150 << 20)
  })
})

/** The most memory that a process held which read the file, or was refused it. */
async function peakOf(file: Buffer): Promise<number> {
  const program = await startProgram('tests/data/reading-program.ts', written('a.parquet', file))
  return ((await nextMessage(program)) as { readonly peakBytes: number }).peakBytes
}
