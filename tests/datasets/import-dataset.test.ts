/** A file becomes a dataset of the registry, whole or not at all. */
import fs from 'node:fs'
import { describe, expect, it } from 'vitest'
import { importDataset } from '../../src-main/datasets/import-dataset'
import type { WritableDb } from '../../src-main/store/handle'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { listDatasets } from '../../src-main/store/datasets'
import { examplesOf } from '../../src-main/store/examples'
import type { ImportProgress } from '../../src-shared/records/dataset'
import { written } from '../helpers/imported-file'
import { testRegistry } from '../helpers/registry'

async function imported(
  db: WritableDb,
  file: string,
  signal?: AbortSignal,
): Promise<readonly ImportProgress[]> {
  const seen: ImportProgress[] = []
  for await (const progress of importDataset(db, { path: file, origin: 'imported', createdAtMs: 7 }, signal))
    seen.push(progress)
  return seen
}

const rowsLeft = (db: WritableDb): unknown =>
  db.get('SELECT (SELECT count(*) FROM examples) AS examples, (SELECT count(*) FROM datasets) AS datasets')
const sentences = (count: number): string =>
  Array.from({ length: count }, (_, i) => JSON.stringify({ text: `Sentence ${i + 1}.` })).join('\n')

describe('importing a file', () => {
  it('ends with the dataset, named after the file', async () => {
    const db = testRegistry()
    const seen = await imported(db, written('my sentences.v2.jsonl', sentences(1200)))
    const done = seen.at(-1)?.done
    expect(done).toEqual({
      isNew: true,
      columns: { read: [{ column: 'text', as: 'text' }], unread: [] },
      dataset: {
        id: 'dataset-1',
        name: 'my sentences.v2',
        kind: 'text',
        origin: 'imported',
        rows: 1200,
        bytes: sentences(1200).length,
        fileName: 'my sentences.v2.jsonl',
        terms: '',
        createdAtMs: 7,
      },
    })
    expect(listDatasets(db)).toEqual([done?.dataset])
    expect([...examplesOf(db, 'dataset-1')].map((each) => each.completion)).toEqual(
      Array.from({ length: 1200 }, (_, i) => `Sentence ${i + 1}.`),
    )
  })

  it('tells its progress on the way', async () => {
    const seen = await imported(testRegistry(), written('a.jsonl', sentences(3000)))
    expect(
      seen
        .slice(0, -1)
        .every(
          ({ isLooking, rows, bytesRead, bytesTotal, done }) =>
            rows > 0 !== (isLooking ?? false) && bytesRead <= bytesTotal && done === undefined,
        ),
    ).toBe(true)
    expect(seen.at(-1)).toMatchObject({ rows: 3000, bytesRead: sentences(3000).length })
    expect(seen.length).toBeGreaterThan(5)
  })

  it('whose columns show late is read afresh, and leaves nothing of its first reading', async () => {
    const db = testRegistry()
    const lines = Array.from({ length: 3000 }, (_, i) => `{"instruction":"i${i}","output":"o"}`)
    const file = written('a.jsonl', [...lines, '{"instruction":"i","input":"x","output":"o"}'].join('\n'))
    const seen = await imported(db, file)
    expect(seen.some(({ isLooking }) => isLooking)).toBe(true)
    expect(seen.at(-1)?.done?.columns.read).toContainEqual({ column: 'input', as: 'context' })
    expect(rowsLeft(db)).toEqual({ examples: 3001, datasets: 1 })
  })

  it.each([
    [
      'rankings',
      {
        prompt: 'p',
        answers: [
          { answer: 'b', rank: 2 },
          { answer: 'a', rank: 1 },
        ],
      },
      {
        completion: 'a',
        candidates: [
          { completion: 'a', score: -1 },
          { completion: 'b', score: -2 },
        ],
      },
    ],
    [
      'steps',
      { prompt: 'p', completions: ['a', 'b'], labels: [true, false] },
      {
        completion: 'a\nb',
        steps: [
          { text: 'a', label: 1 },
          { text: 'b', label: 0 },
        ],
      },
    ],
    [
      'preferences',
      { prompt: 'p', response_1: 'a', response_2: 'b', preference_strength: 1 },
      { completion: 'b', rejected: 'a', margin: 'slightly' },
    ],
  ])('of %s keeps all that it says', async (kind, row, example) => {
    const db = testRegistry()
    const done = (await imported(db, written('a.jsonl', JSON.stringify(row)))).at(-1)?.done
    expect(done?.dataset.kind).toBe(kind)
    expect([...examplesOf(db, 'dataset-1')][0]).toMatchObject({ prompt: 'p', ...example })
    const other = JSON.stringify(row).replace('"b"', '"c"')
    expect((await imported(db, written('b.jsonl', other))).at(-1)?.done?.isNew).toBe(true)
  })

  it('twice adds nothing', async () => {
    const db = testRegistry()
    const file = written('a.jsonl', sentences(700))
    const first = (await imported(db, file)).at(-1)?.done
    expect((await imported(db, file)).at(-1)?.done).toEqual({ ...first, isNew: false })
    expect(rowsLeft(db)).toEqual({ examples: 700, datasets: 1 })
  })

  it('that breaks in the end leaves nothing of its beginning', async () => {
    const db = testRegistry()
    await expect(imported(db, written('a.jsonl', `${sentences(2000)}\n{"text": {}}`))).rejects.toThrow(
      'a.jsonl, line 2001: "text" is an object, not text',
    )
    expect(rowsLeft(db)).toEqual({ examples: 0, datasets: 0 })
  })

  it('can be cancelled, and then leaves nothing', async () => {
    const db = testRegistry()
    const stopping = new AbortController()
    const work = (async () => {
      for await (const { rows } of importDataset(
        db,
        { path: written('a.jsonl', sentences(20_000)), origin: 'imported', createdAtMs: 7 },
        stopping.signal,
      ))
        if (rows > 3000) stopping.abort()
    })()
    await expect(work).rejects.toThrow('Cancelled.')
    expect(rowsLeft(db)).toEqual({ examples: 0, datasets: 0 })
  })

  it('whose loop is left leaves nothing', async () => {
    const db = testRegistry()
    for await (const _ of importDataset(db, {
      path: written('a.jsonl', sentences(5000)),
      origin: 'imported',
      createdAtMs: 7,
    }))
      break
    expect(rowsLeft(db)).toEqual({ examples: 0, datasets: 0 })
  })

  it('says in the end what is odd in it, and keeps that', async () => {
    const pair = { prompt: 'p', chosen: 'same', rejected: 'same' }
    const file = written(
      'a.jsonl',
      [pair, { ...pair, chosen: 'better' }].map((row) => JSON.stringify(row)).join('\n'),
    )
    const db = testRegistry()
    const done = (await imported(db, file)).at(-1)?.done
    expect(done?.dataset.rows).toBe(1)
    expect(done?.columns).toEqual({
      read: ['prompt', 'chosen', 'rejected'].map((name) => ({ column: name, as: name })),
      unread: [],
    })
    expect(done?.notes).toEqual([
      '1 pair has the same text as chosen and rejected (first: line 1). Left out: nothing is learned from such a pair.',
    ])
    expect(summaryOf(db, 'dataset-1', { search: '' }).reading).toEqual({
      columns: done?.columns,
      notes: done?.notes,
    })
  })

  it('that comes with the studio knows its terms', async () => {
    const db = testRegistry()
    for (const name of fs.readdirSync('resources/datasets').filter((each) => each.startsWith('sentiment')))
      await imported(db, `resources/datasets/${name}`)
    expect(
      listDatasets(db).map(({ kind, rows, terms }) => [kind, rows, terms.includes('CC BY 4.0')]),
    ).toEqual([
      ['labelled', 2572, true],
      ['preferences', 1108, true],
    ])
  })

  it('lets others work in between', async () => {
    const db = testRegistry()
    let turns = 0
    const clock = setInterval(() => {
      turns++
    }, 1)
    await imported(db, written('a.jsonl', sentences(30_000)))
    clearInterval(clock)
    expect(turns).toBeGreaterThan(20) // 30,000 rows, with a turn for others after every batch
  })
})
