/** A dataset on the hub comes whole, checked, and as its files say; what goes wrong between is said in words. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { readExamples } from '../../src-main/data/import-file'
import { previewFile } from '../../src-main/data/import-preview'
import { hubAccess } from '../../src-main/hub/access'
import { downloaded } from '../../src-main/hub/download'
import { hubOf } from '../../src-main/hub/hub'
import { hubDataset, hubPreview } from '../../src-main/hub/hub-dataset'
import { hubSearch } from '../../src-main/hub/search'
import { hubStreams } from '../../src-main/handlers/hub'
import { studioChanges } from '../../src-main/changes/studio-changes'
import { pageOfExamples } from '../../src-main/store/examples'
import type { WritableDb } from '../../src-main/store/handle'
import type { ImportProgress, ReadingWish } from '../../src-shared/records/dataset'
import { testFolder, testRegistry } from '../helpers/registry'
import { commit, goodToken, loopbackHub, type FakeRepository, type LoopbackHub } from './loopback-hub'

const pair = (index: number): object => ({
  prompt: `Say ${index}.`,
  chosen: `It is ${index}.`,
  rejected: 'No.',
})
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `${JSON.stringify(pair(from + index))}\n`).join('')
const table = (from: number, to: number, filler = ''): Buffer => {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  return Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'prompt', data: numbers.map((each) => `Say ${each}. ${filler}`) },
        { name: 'chosen', data: numbers.map((each) => `It is ${each}.`) },
        { name: 'rejected', data: numbers.map(() => 'No.') },
      ],
    }),
  )
}

const sharded: FakeRepository = {
  files: {
    'README.md': '# Pairs',
    'data/train-00001-of-00002.parquet': table(3, 5),
    'data/train-00000-of-00002.parquet': table(0, 3),
    'data/test-00000-of-00001.parquet': table(5, 6),
  },
  large: ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'],
  tags: ['license:mit', 'size_categories:n<1K'],
}

interface Imported {
  readonly db: WritableDb
  readonly items: readonly ImportProgress[]
  readonly done: NonNullable<ImportProgress['done']>
  readonly prompts: readonly unknown[]
}

interface How extends ReadingWish {
  readonly folder?: string
  readonly signal?: AbortSignal
}

async function imported(hub: LoopbackHub, address: string, how: How = {}): Promise<Imported> {
  const { folder = testFolder(), signal = new AbortController().signal, ...wish } = how
  const db = testRegistry(folder)
  const streams = hubStreams({
    db,
    changes: studioChanges(),
    files: { read: readExamples, preview: (path, wish) => previewFile(path, wish) },
    openLibrary: () => {
      throw new Error('no model is asked for')
    },
    hubAccess: () => hub.access,
    now: () => 1,
  })
  const items: ImportProgress[] = []
  try {
    for await (const item of streams['datasets.fetch']({ address, ...wish }, signal, { id: 'test' }))
      items.push(item)
  } finally {
    if (how.folder !== undefined) db.close()
  }
  const { done } = items.at(-1) ?? {}
  if (!done) throw new Error('it did not end')
  const { rows } = pageOfExamples(db, done.dataset.id, { filter: { search: '' }, offset: 0, limit: 100 })
  return { db, items, done, prompts: rows.map(({ prompt }) => prompt) }
}

const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'it went well',
    (error: unknown) => (error as Error).message,
  )

const small: FakeRepository = { files: { 'train.jsonl': lines(0, 400) }, large: ['train.jsonl'] }

describe('a dataset of the hub', () => {
  it('comes in as one, shards in order, with where it is from and what was left', async () => {
    const hub = await loopbackHub({ 'datasets/lab/pairs': sharded })
    const { done, prompts } = await imported(hub, 'hf:lab/pairs')
    expect(prompts).toEqual([0, 1, 2, 3, 4].map((each) => `Say ${each}. `))
    expect(done.dataset).toMatchObject({ name: 'pairs train', fileName: 'hf:lab/pairs@train', rows: 5 })
    expect(done.dataset.terms).toBe(
      `From ${hub.access.endpoint}/datasets/lab/pairs at c0ffee012345; its licence: mit.`,
    )
    expect(done.notes).toEqual(['Of its splits train was read; it has also test.'])
    expect(done.columns.read).toHaveLength(3)
  })

  it('is the split that is asked for', async () => {
    const hub = await loopbackHub({ 'datasets/lab/pairs': sharded })
    expect((await imported(hub, 'hf:lab/pairs@test')).prompts).toEqual(['Say 5. '])
    expect(await failure(imported(hub, 'hf:lab/pairs@dev'))).toBe(
      'lab/pairs has no split “dev”. It has train, test.',
    )
  })

  it('is the config that is asked for, by its card or by its folder', async () => {
    const hub = await loopbackHub({
      'datasets/lab/sets': {
        files: { 'a/x.jsonl': lines(0, 1), 'b/y.jsonl': lines(1, 2), 'c/z.jsonl.gz': lines(2, 3) },
        cardData: {
          configs: [
            { config_name: 'first', data_files: 'a/*.jsonl' },
            { config_name: 'second', data_files: [{ split: 'held', path: ['b/*.jsonl'] }] },
          ],
        },
      },
    })
    expect(await failure(imported(hub, 'hf:lab/sets'))).toBe(
      'lab/sets holds several sets: first, second. Say which, like hf:lab/sets/first.',
    )
    expect((await imported(hub, 'hf:lab/sets/first')).prompts).toEqual(['Say 0.'])
    expect((await imported(hub, 'hf:lab/sets/second')).done.dataset.fileName).toBe('hf:lab/sets/second@held')
    expect((await imported(hub, 'hf:lab/sets/c')).prompts).toEqual(['Say 2.'])
  })

  it('is read from the tables that the hub made of it, where its own files hold no rows', async () => {
    const hub = await loopbackHub({
      'datasets/lab/script': { files: { 'script.py': 'print()' }, tags: ['license:cc0-1.0'] },
      'datasets/lab/script@refs/convert/parquet': { files: { 'default/train/0000.parquet': table(7, 9) } },
    })
    const { done, prompts } = await imported(hub, 'hf:lab/script')
    expect(prompts).toEqual(['Say 7. ', 'Say 8. '])
    expect(done.dataset.terms).toContain('cc0-1.0')
  })

  it('is fetched once where its columns must be named first', async () => {
    const folder = testFolder()
    const rows = '{"q":"Why?","a1":"So.","a2":"No."}\n'
    const hub = await loopbackHub({ 'datasets/lab/odd': { files: { 'train.jsonl': rows } } })
    expect(await failure(imported(hub, 'hf:lab/odd', { folder }))).toContain('no known columns')
    const sent = hub.sentBytes()
    const columns = { prompt: 'q', chosen: 'a1', rejected: 'a2' }
    expect(await failure(imported(hub, 'hf:lab/odd', { folder, columns }))).not.toContain('columns')
    expect(hub.sentBytes()).toBe(sent)
    expect(existsSync(join(folder, 'registry-downloads', 'datasets', 'lab--odd', 'c0ffee012345'))).toBe(false)
  })
})

describe('what is looked at first', () => {
  it('names configs and splits, size and licence', async () => {
    const hub = await loopbackHub({ 'datasets/lab/pairs': sharded })
    const look = await hubDataset(hub.access, 'hf:lab/pairs', new AbortController().signal)
    const bytes = (path: string): number => (sharded.files[path] as Buffer).length
    expect(look).toMatchObject({ name: 'lab/pairs', licence: 'mit', isGated: false })
    expect(look.configs.map(({ splits }) => splits.map((each) => [each.name, each.bytes]))).toEqual([
      [
        ['train', bytes('data/train-00000-of-00002.parquet') + bytes('data/train-00001-of-00002.parquet')],
        ['test', bytes('data/test-00000-of-00001.parquet')],
      ],
    ])
  })

  it('is twenty rows as they would be read, of which little is fetched', async () => {
    const filler = Array.from({ length: 300 }, (_, index) => (index * 7919) % 9973).join(' ')
    const large = table(0, 6000, filler)
    expect(large.length).toBeGreaterThan(400_000)
    const repository = { files: { 'train.parquet': large }, large: ['train.parquet'] }
    const hub = await loopbackHub({ 'datasets/lab/large': repository })
    const look = await hubPreview(hub.access, { address: 'hf:lab/large' }, new AbortController().signal)
    expect(look.reading?.kind).toBe('preferences')
    expect(look.reading?.examples).toHaveLength(20)
    expect(look).toMatchObject({ file: 'train.parquet', split: 'train' })
    expect(hub.asked.every(({ host, range }) => host === 'hub' || range !== undefined)).toBe(true)
  })

  it('reads the beginning of text, and leaves the rest where it is', async () => {
    const hub = await loopbackHub({ 'datasets/lab/long': { files: { 'train.jsonl': lines(0, 100_000) } } })
    const look = await hubPreview(hub.access, { address: 'hf:lab/long' }, new AbortController().signal)
    expect(look.reading?.examples[19]).toMatchObject({ prompt: 'Say 19.' })
  })

  it('finds repositories by their words', async () => {
    const hub = await loopbackHub({ 'datasets/lab/pairs': sharded, 'datasets/lab/other': small })
    const found = await hubSearch(
      hub.access,
      { kind: 'datasets', words: 'pairs' },
      new AbortController().signal,
    )
    expect(found).toEqual([
      {
        name: 'lab/pairs',
        licence: 'mit',
        isGated: false,
        downloads: 12,
        updatedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
        size: 'under 1K rows',
        family: '',
      },
    ])
  })
})

describe('a download', () => {
  /** Fetches a file; each cut comes when all bytes before it are on the disk. */
  async function fetchedWith(cuts: readonly number[], folder: string, isLeft = false) {
    const bytes = Buffer.from(lines(0, 400))
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    const reached = cuts.map(() => {
      let resolve = (): void => {}
      return { promise: new Promise<void>((done) => (resolve = done)), resolve: () => resolve() }
    })
    const places = cuts.map((_, index) => cuts.slice(0, index + 1).reduce((sum, each) => sum + each, 0))
    hub.faults.set(
      'train.jsonl',
      cuts.map((cutAfter, index) => ({ cutAfter, until: reached[index]!.promise })),
    )
    const own = hubOf(hub.access, { kind: 'datasets', name: 'lab/small' }, new AbortController().signal)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const file = { path: 'train.jsonl', bytes: bytes.length, checksum: { kind: 'sha256' as const, digest } }
    const path = join(folder, 'train.jsonl')
    for await (const now of downloaded(own, { url: own.fileUrl(commit, file.path), file, path })) {
      if (isLeft && now === places.at(-1)) break
      reached[places.indexOf(now)]?.resolve()
    }
    return { path, ranges: hub.asked.flatMap(({ host, range }) => (host === 'cdn' ? [range] : [])) }
  }

  it('goes on where it was cut off', async () => {
    const { path, ranges } = await fetchedWith([5000, 700], testFolder())
    expect(readFileSync(path, 'utf8')).toBe(lines(0, 400))
    expect(ranges).toEqual([undefined, 'bytes=5000-', 'bytes=5700-'])
  })

  it('goes on after it was left, at another time', async () => {
    const folder = testFolder()
    await fetchedWith([9000], folder, true)
    const { path, ranges } = await fetchedWith([], folder)
    expect(readFileSync(path, 'utf8')).toBe(lines(0, 400))
    expect(ranges).toEqual(['bytes=9000-'])
  })

  it('ends where nothing comes any more, and says that what came is kept', async () => {
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    hub.faults.set(
      'train.jsonl',
      Array.from({ length: 5 }, () => ({ cutAfter: 0 })),
    )
    expect(await failure(imported(hub, 'hf:lab/small'))).toMatch(
      /^train\.jsonl does not come: .*what came is kept\.$/,
    )
  })

  it('begins again where a server heeds no ranges', async () => {
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    hub.faults.set('train.jsonl', [{ cutAfter: 5000 }, { isWhole: true }])
    expect((await imported(hub, 'hf:lab/small')).done.dataset.rows).toBe(400)
  })

  it.each([
    ['other bytes of the same size', Buffer.alloc(lines(0, 400).length, 'x'), /came damaged: its checksum/],
    [
      'more than is listed',
      Buffer.from(`${lines(0, 400)}more`),
      /has more than the .* bytes that the Hub lists/,
    ],
    ['less than is listed', Buffer.from(lines(0, 399)), /does not come|shorter at the server/],
  ])('is refused for %s, and nothing of it stays under its name', async (_, instead, said) => {
    const folder = testFolder()
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    hub.faults.set(
      'train.jsonl',
      Array.from({ length: 6 }, () => ({ instead })),
    )
    expect(await failure(imported(hub, 'hf:lab/small', { folder }))).toMatch(said)
    const left = readdirSync(join(folder, 'registry-downloads'), { recursive: true, encoding: 'utf8' })
    expect(left.filter((each) => each.endsWith('train.jsonl'))).toEqual([])
  })

  it('waits when it is asked to, and says so when that does not help', async () => {
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    hub.faults.set('train.jsonl', [{ status: 429, headers: { 'retry-after': '0' } }, { status: 503 }])
    expect((await imported(hub, 'hf:lab/small')).done.dataset.rows).toBe(400)
    hub.faults.set('train.jsonl', [{ status: 429, headers: { 'retry-after': '3600' } }])
    expect(await failure(imported(hub, 'hf:lab/small'))).toContain('asks for a pause: too many requests')
  })

  it('ends when it is stopped, and what came is there', async () => {
    const folder = testFolder()
    const hub = await loopbackHub({ 'datasets/lab/small': small })
    const stopping = new AbortController()
    stopping.abort()
    expect(await failure(imported(hub, 'hf:lab/small', { folder, signal: stopping.signal }))).toBe(
      'Cancelled.',
    )
  })
})

describe('a token', () => {
  it('opens what is gated, goes to the hub alone, and is written nowhere', async () => {
    const folder = testFolder()
    const repositories = { 'datasets/lab/gated': { ...small, isGated: true } }
    const hub = await loopbackHub(repositories, goodToken)
    await failure(imported(hub, 'hf:lab/gated', { folder }))
    const hosts = (has: boolean): readonly string[] => [
      ...new Set(
        hub.asked.filter((each) => (each.authorization !== undefined) === has).map(({ host }) => host),
      ),
    ]
    expect([hosts(true), hosts(false)]).toEqual([['hub'], ['cdn']])
    for (const each of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (each.isFile())
        expect(readFileSync(join(each.parentPath, each.name)).includes(goodToken)).toBe(false)
  })

  it('that is missing, or of someone who may not, is said in words', async () => {
    const repositories = { 'datasets/lab/gated': { ...small, isGated: true } }
    const nobody = await loopbackHub(repositories)
    expect(await failure(imported(nobody, 'hf:lab/gated'))).toMatch(
      /^lab\/gated is gated: accept its terms at .*\/datasets\/lab\/gated while signed in, and give the studio a token/,
    )
    const other = await loopbackHub(repositories, 'hf_of_another')
    expect(await failure(imported(other, 'hf:lab/gated'))).toMatch(
      /account of this token may not have it yet/,
    )
    expect(await failure(imported(nobody, 'hf:lab/none'))).toMatch(
      /^There is no lab\/none at .*; for a private one/,
    )
  })

  it('and the address are read as huggingface_hub reads them', () => {
    const nowhere = testFolder()
    const asked = (environment: Record<string, string>): unknown => {
      const { endpoint, token } = hubAccess({ HF_HOME: nowhere, ...environment })
      return [endpoint, token]
    }
    expect(asked({})).toEqual(['https://huggingface.co', undefined])
    expect(asked({ HF_ENDPOINT: 'https://mirror.example/', HF_TOKEN: ' a\n' })).toEqual([
      'https://mirror.example',
      'a',
    ])
    expect(() => asked({ HF_HUB_OFFLINE: '1' })).toThrow('HF_HUB_OFFLINE is set')
    expect(() => asked({ HF_ENDPOINT: 'mirror' })).toThrow('HF_ENDPOINT is no address')
  })
})
