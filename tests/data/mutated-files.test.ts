/** Files with a few bytes changed are read or refused, never anything else. */
import fs from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonProblem } from '../../src-main/data/formats/json-problem'
import { textChunks } from '../../src-main/data/text/text-chunks'
import { firstInvalidByte, wholeCharacters } from '../../src-main/data/text/utf8'
import { StudioFailure } from '../../src-shared/result'
import { readAll, written } from '../helpers/imported-file'
import { testFolder } from '../helpers/registry'

/** One small change to a file's bytes. */
type Change = {
  readonly at: number
  readonly kind: 'flip' | 'cut' | 'drop' | 'repeat' | 'insert'
  readonly bytes: Uint8Array
}

const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom<Change['kind']>('flip', 'cut', 'drop', 'repeat', 'insert'),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 4 }),
    fc
      .constantFrom('"', ',', '\n', '\r', '{', '}', '[', ']', '\\', ':', 'null', '\\u12', '""', ' ')
      .map((text) => Buffer.from(text)),
  ),
})

function changed(file: Buffer, changes: readonly Change[]): Buffer {
  return changes.reduce((bytes, { at, kind, bytes: more }) => {
    const place = Math.floor(at * bytes.length)
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)]
    switch (kind) {
      case 'flip':
        return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (more[0] ?? 1)]), after.subarray(1)])
      case 'cut':
        return before
      case 'drop':
        return Buffer.concat([before, after.subarray(more.length)])
      case 'repeat':
        return Buffer.concat([before, after.subarray(0, 20), after])
      case 'insert':
        return Buffer.concat([before, more, after])
    }
  }, file)
}

const rows = Array.from({ length: 12 }, (_, i) => ({
  prompt: `Ask ${i}: "é"`,
  chosen: `yes,\n🙂 ${i}`,
  rejected: `no\t\\${i}`,
  source: 'film',
}))
const csvField = (text: string): string => `"${text.replaceAll('"', '""')}"`
const files: Readonly<Record<string, Buffer>> = {
  'a.jsonl': Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')),
  'a.json': Buffer.from(JSON.stringify(rows, null, 1)),
  'a.csv': Buffer.from(
    `prompt,chosen,rejected,source\n${rows.map((row) => Object.values(row).map(csvField).join(',')).join('\n')}\n`,
  ),
  'a.txt': Buffer.from('A first line.\nA second 🙂 line.\n\nA third one.\n'.repeat(5)),
  'a.jsonl.gz': gzipSync(rows.map((row) => JSON.stringify(row)).join('\n')),
  'snappy.parquet': fs.readFileSync('tests/fixtures/labelled.snappy.parquet'),
  'zstd.parquet': fs.readFileSync('tests/fixtures/labelled.zstd.parquet'),
  'gzip.parquet': fs.readFileSync('tests/fixtures/labelled.gzip.parquet'),
  'chat.parquet': fs.readFileSync('tests/fixtures/chat-preferences.parquet'),
}

/** Text formats say where; the others what. */
const saysWhere = new Set(['a.jsonl', 'a.json', 'a.csv'])

describe('a file with a few bytes changed', () => {
  it.each(Object.keys(files))('is read whole or refused in words (%s)', async (name) => {
    const folder = testFolder()
    let read = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const file = written(name, changed(files[name]!, changes), folder)
        try {
          const { examples } = await readAll(file)
          expect(examples.length).toBeGreaterThan(0)
          read++
        } catch (error) {
          if (!(error instanceof StudioFailure) || error.error.kind !== 'refused-file') throw error
          expect(error.error.problem.length).toBeGreaterThan(10)
          if (saysWhere.has(name) && !/no rows|is empty|^this is a|UTF-16/.test(error.error.problem))
            expect(error.error).toHaveProperty('line')
          refused++
        }
      }),
      { numRuns: 200 },
    )
    expect(refused).toBeGreaterThan(0)
    expect(read + refused).toBe(200)
  })
})

describe('the place where a text stops being JSON', () => {
  it('is found exactly when JSON.parse fails, and everything before it could still become JSON', () => {
    const json = fc.json({ maxDepth: 3 })
    fc.assert(
      fc.property(json, fc.array(change, { minLength: 1, maxLength: 2 }), (text, changes) => {
        const broken = changed(Buffer.from(text), changes).toString('utf8')
        let isValid = true
        try {
          JSON.parse(broken)
        } catch {
          isValid = false
        }
        const { offset, problem } = jsonProblem(broken)
        if (isValid)
          expect({ broken, problem, isAtEnd: offset === broken.length }).toEqual({
            broken,
            problem: 'it ends where nothing more should stand',
            isAtEnd: true,
          })
        else
          expect({ broken, offset, problem }).not.toMatchObject({
            problem: 'it ends where nothing more should stand',
          })
        expect(offset).toBeLessThanOrEqual(broken.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('is found without exhausting the stack', () => {
    expect(jsonProblem('['.repeat(1_000_000)).offset).toBe(1_000_000)
    expect(jsonProblem(`["${'x'.repeat(3_000_000)}`).offset).toBe(1)
  })
})

describe('UTF-8 in pieces', () => {
  it('is wrong at the byte where a strict decoder stops', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 24 }),
        fc.string({ unit: 'binary', maxLength: 6 }),
        (tail, head) => {
          const bytes = Buffer.concat([Buffer.from(head), tail])
          const at = firstInvalidByte(bytes)
          const strict = new TextDecoder('utf-8', { fatal: true })
          const decodes = (part: Uint8Array): boolean => {
            try {
              strict.decode(part)
              return true
            } catch {
              return false
            }
          }
          expect(decodes(bytes)).toBe(at < 0)
          if (at >= 0) expect(decodes(bytes.subarray(0, at))).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('is the same text wherever it is cut', async () => {
    const folder = testFolder()
    const unit = fc.constantFrom('a', 'é', '好', '🙂', '\r', '\n', '\r\n', '\ufeff')
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 65_524, max: 65_536 }),
        async (units, before) => {
          const text = 'x'.repeat(before) + units.join('')
          const file = written('a.txt', text, folder)
          let read = ''
          for await (const chunk of textChunks({ path: file, packing: undefined, bytesTotal: 0 }))
            read += chunk.text
          expect(read).toBe(text.replace(/\r\n?/g, '\n'))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('never cuts a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), fc.nat(80), (text, at) => {
        const piece = Buffer.from(text).subarray(0, at)
        const cut = wholeCharacters(piece)
        expect(firstInvalidByte(piece.subarray(0, cut))).toBe(-1)
        expect(piece.length - cut).toBeLessThan(4)
      }),
      { numRuns: 1000 },
    )
  })
})

it('a mutated file leaves nothing open', () => {
  expect(
    fs.existsSync('/proc/self/fd')
      ? fs
          .readdirSync('/proc/self/fd')
          .map((fd) => linkOf(fd))
          .filter((target) => target.includes(`${path.sep}studio-test-`))
      : [],
  ).toEqual([])
})

function linkOf(fd: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return '' // the one that lists the folder
  }
}
