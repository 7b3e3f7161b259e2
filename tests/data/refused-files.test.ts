/** What is refused, where and in which words. */
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'
import { testFolder } from '../helpers/registry'
import { skipped } from '../helpers/skipping'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

describe('a broken row', () => {
  const good = { prompt: 'p', chosen: 'a', rejected: 'b' }
  it.each([
    ['a part that is missing', { prompt: 'p', rejected: 'b' }, '"chosen" is missing'],
    ['a part that is null', { ...good, chosen: null }, '"chosen" is missing'],
    ['a list for text', { ...good, chosen: [1] }, '"chosen" turn 1 is not like {"role": "user"'],
    ['an object for text', { ...good, rejected: {} }, '"rejected" is an object, not text'],
    ['half a character', { ...good, chosen: 'oh \ud83d' }, '"chosen" holds half a character'],
  ])('with %s refuses the file and says where', async (_, row, problem) => {
    const refused = await refusal(jsonl(...Array.from({ length: 40 }, () => good), row, good))
    expect(refused).toMatchObject({ kind: 'refused-file', file: 'a.jsonl', line: 41 })
    expect(refused.problem).toContain(problem)
  })

  it.each([
    [{ text: 'a', label: 'maybe' }, '"label" is "maybe", not a number'],
    [{ text: 'a', label: [1] }, '"label" is [1], not a number'],
    [{ text: 'a' }, '"label" is missing'],
    [{ text: '  ', label: 1 }, '"text" is empty'],
  ])('like %j is refused among labelled rows', async (row, problem) => {
    expect(await refusal(jsonl({ text: 'good', label: 1 }, row))).toMatchObject({ line: 2, problem })
  })
})

describe('what is no text', () => {
  it.each([
    ['nothing', '', 'the file is empty: there is nothing to import'],
    ['blank lines', '\n \n\n', 'it holds no rows: there is nothing to import'],
    ['a ZIP archive', 'PK\x03\x04....', 'this is a ZIP archive or an Excel workbook'],
    ['a PDF', '%PDF-1.7', 'this is a PDF'],
    ['UTF-16', Buffer.from('\ufeffGood.', 'utf16le'), 'this is UTF-16 text; save it as UTF-8'],
  ])('such as %s is refused', async (_, content, problem) => {
    expect((await refusal(written('a.txt', content))).problem).toContain(problem)
  })

  it.each([
    ['Latin 1', Buffer.from('Good.\nTr\xe8s bon.\n', 'latin1'), 2, 3, 'this is not UTF-8 text (byte 0xe8)'],
    ['a NUL byte', Buffer.from('Good.\nB\0ad.\n'), 2, 2, 'this is not text: it holds a NUL byte'],
    [
      'a character cut off by the end',
      Buffer.from('Good 🙂').subarray(0, 7),
      1,
      6,
      'this is not UTF-8 text (byte 0xf0)',
    ],
    [
      'an encoded surrogate',
      Buffer.from([0x61, 0xed, 0xa0, 0x80]),
      1,
      2,
      'this is not UTF-8 text (byte 0xed)',
    ],
    ['a byte too many', Buffer.from([0x61, 0x0a, 0x62, 0x80]), 2, 2, 'this is not UTF-8 text (byte 0x80)'],
  ])('such as %s is refused at its place', async (_, content, line, column, problem) => {
    const refused = await refusal(written('a.txt', content))
    expect(refused).toMatchObject({ line, column })
    expect(refused.problem).toContain(problem)
  })

  it('is found at its place also far into the file', async () => {
    const content = Buffer.concat([
      Buffer.from('Zwölf Boxkämpfer 🙂\n'.repeat(30_000)),
      Buffer.from('abc\xff', 'latin1'),
    ])
    expect(await refusal(written('a.txt', content))).toMatchObject({ line: 30_001, column: 4 })
  })

  it('characters cut by a chunk’s end are whole', async () => {
    const { examples } = await readAll(written('a.txt', 'x' + '🙂é\r\n'.repeat(40_000)))
    expect(new Set(examples.slice(1).map((each) => each.completion))).toEqual(new Set(['🙂é']))
    expect(examples).toHaveLength(40_000)
  })
})

describe('a file that cannot be read', () => {
  it('is refused in words', async () => {
    const folder = testFolder()
    expect((await refusal(path.join(folder, 'gone.txt'))).problem).toBe('there is no such file')
    expect((await refusal(folder)).problem).toBe('this is a folder; choose a file in it')
    expect((await refusal('/dev/zero')).problem).toBe('this is a device or a pipe, not a file')
    fs.symlinkSync('loop', path.join(folder, 'loop'))
    expect((await refusal(path.join(folder, 'loop'))).problem).toContain('a link that leads back to itself')
  })

  const whyNoRefusal = process.getuid?.() === 0 ? 'root may read everything' : undefined
  it.skipIf(whyNoRefusal !== undefined)(`is refused without permission${skipped(whyNoRefusal)}`, async () => {
    const file = written('a.txt', 'Good.')
    fs.chmodSync(file, 0)
    expect((await refusal(file)).problem).toBe('this user may not read it')
  })

  it.each(['txt', 'jsonl', 'json', 'csv'])(
    'because a row never ends is refused soon (%s)',
    async (ending) => {
      const folder = testFolder()
      const start = { txt: '', jsonl: '{"text":"', json: '[{"text":"', csv: 'text\n"' }[ending] ?? ''
      const refused = await refusal(written(`a.${ending}`, start + 'endless '.repeat(1_000_000), folder))
      expect(refused.problem).toContain('longer than 4,194,304 characters')
    },
  )
})
