/** Files of rows that are made to keep a reader busy, or to fill its memory: main answers meanwhile. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { ImportProgress } from '../../src-shared/records/dataset'
import { testFolder } from '../helpers/registry'
import { testStudio, type TestStudio } from '../helpers/test-studio'

const columns = 100_000
const header = Array.from({ length: columns }, (_, i) => `c${i}`).join(',')
const many = (count: number, one: string): string => one.repeat(count)
/** Much that is the same, packed piece by piece: gzip files may follow one another. */
const packed = (before: string, piece: string, pieces: number, after: string): Buffer =>
  Buffer.concat([gzipSync(before), ...Array<Buffer>(pieces).fill(gzipSync(piece)), gzipSync(after)])

/** What each file is, and the words of its refusal. */
const bombs: readonly (readonly [string, string, () => string | Buffer, RegExp])[] = [
  [
    '100,000 columns',
    'a.csv',
    () => `${header},text\n${many(columns, 'x,')}hello\n`,
    /names 100,001 columns/,
  ],
  ['20,000 keys', 'b.jsonl', () => JSON.stringify(Object.fromEntries(numbered(20_000))), /10000 different/],
  [
    'brackets ten million deep',
    'c.jsonl',
    () => `{"text":${many(1e7, '[')}${many(1e7, ']')}}`,
    /longer than/,
  ],
  [
    'brackets two million deep',
    'd.jsonl',
    () => `{"text":${many(2e6, '[')}${many(2e6, ']')}}`,
    /is a list, not text/,
  ],
  ['a list ten million deep', 'e.json', () => many(1e7, '[') + many(1e7, ']'), /longer than/],
  ['a quote that never closes', 'f.csv', () => `text\n"${many(3e7, 'a')}`, /never closed/],
  [
    'one packed string of 1 GB',
    'g.jsonl.gz',
    () => packed('{"text":"', many(1e6, 'a'), 1000, '"}'),
    /longer than/,
  ],
  ['packed twice', 'h.txt.gz', () => gzipSync(gzipSync(many(1e6, 'a'))), /not UTF-8/],
]

const numbered = (count: number): readonly (readonly [string, number])[] =>
  Array.from({ length: count }, (_, i) => [`k${i}`, i] as const)

describe('3, 5. a file of rows that lies', () => {
  it.each(bombs)('%s: refused in words, main answers meanwhile', async (_, name, make, ends) => {
    const studio = await testStudio()
    const path = join(testFolder(), name)
    writeFileSync(path, make())
    const { end, slowestMs, answers } = await whileAsked(studio, imported(studio, path))
    expect(end).toMatch(ends)
    expect(answers).toBeGreaterThan(0)
    console.log(
      `${name}: ${String(end).slice(0, 200)}; main answered ${answers} times, within ${Math.round(slowestMs)} ms`,
    )
    expect(studio.bugs).toEqual([])
    expect(await studio.ask('datasets.list', {})).toEqual([])
  })

  it('is left at once when nobody wants it any more', async () => {
    const studio = await testStudio()
    const path = join(testFolder(), 'a.csv')
    writeFileSync(path, `${header},text\n${many(columns, 'x,')}hello\n`)
    const leaving = new AbortController()
    const reading = imported(studio, path, leaving.signal)
    leaving.abort()
    await reading
    expect(await studio.ask('datasets.list', {})).toEqual([])
    expect(studio.bugs).toEqual([])
  })
})

/** @returns its rows, or why it was refused */
async function imported(
  studio: TestStudio,
  path: string,
  signal = new AbortController().signal,
): Promise<number | string> {
  let last: ImportProgress | undefined
  try {
    for await (const item of studio.api.stream('datasets.import', { path }, signal)) last = item
  } catch (error) {
    return (error as Error).message
  }
  return last?.done?.dataset.rows ?? 'it ended without a word'
}

/** Asks main again and again until the work is done. */
async function whileAsked<T>(studio: TestStudio, work: Promise<T>) {
  let isDone = false
  let answers = 0
  let slowestMs = 0
  void work.finally(() => (isDone = true))
  while (!isDone) {
    const askedMs = performance.now()
    await studio.ask('runs.list', {})
    slowestMs = Math.max(slowestMs, performance.now() - askedMs)
    answers++
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return { end: await work, answers, slowestMs }
}
