import Database from 'better-sqlite3'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openReadOnly, openRegistry } from '../../src-main/store/database'
import { listDatasets } from '../../src-main/store/datasets'
import { pageOfExamples } from '../../src-main/store/examples'
import { judgmentWatermark, labelProgress } from '../../src-main/store/judgments'
import { killHard, nextMessage, startProgram } from '../helpers/program'
import { fill, testQueue } from '../helpers/labels'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'

const registryIn = (folder: string): string => path.join(folder, 'registry.sqlite')

describe('opening a registry', () => {
  it('makes its folder and its file', () => {
    const file = path.join(testFolder(), 'a', 'b', 'registry.sqlite')
    openRegistry(file).close()
    expect(fs.existsSync(file)).toBe(true)
  })

  it('finds again what was saved before', () => {
    const folder = testFolder()
    const db = openRegistry(registryIn(folder))
    const dataset = importedDataset(db, 'text', [{ completion: 'Good.' }])
    db.close()
    expect(listDatasets(testRegistry(folder))).toEqual([dataset])
  })

  it('is refused while another studio has it, and says which', () => {
    const db = testRegistry()
    expect(() => openRegistry(db.path)).toThrow(
      new RegExp(`This registry is already open in another studio \\(process ${process.pid}\\)`),
    )
  })

  it('is possible again once the other has closed it', () => {
    const folder = testFolder()
    openRegistry(registryIn(folder)).close()
    expect(() => openRegistry(registryIn(folder)).close()).not.toThrow()
  })

  it('is refused for a registry of a newer version, which stays as it is', () => {
    const file = registryIn(testFolder())
    openRegistry(file).close()
    withDriver(file, (raw) => raw.pragma('user_version = 99'))
    expect(() => openRegistry(file)).toThrow(
      /written by a newer version of RLHF Studio \(format 99; this one knows \d+\)/,
    )
    expect(() => openReadOnly(file)).toThrow(/newer version/)
    expect(withDriver(file, (raw) => raw.pragma('user_version', { simple: true }))).toBe(99)
  })

  it('is refused for the database of another program, which stays as it is', () => {
    const file = registryIn(testFolder())
    withDriver(file, (raw) => raw.exec('CREATE TABLE bookmarks (url TEXT)'))
    expect(() => openRegistry(file)).toThrow(/is a database of another program/)
    expect(withDriver(file, (raw) => raw.prepare('SELECT name FROM sqlite_schema').all())).toEqual([
      { name: 'bookmarks' },
    ])
  })

  it('is refused for a file that is no database', () => {
    const file = registryIn(testFolder())
    fs.writeFileSync(file, 'Dear diary, '.repeat(1000))
    expect(() => openRegistry(file)).toThrow(/is not a registry of RLHF Studio/)
    expect(fs.readFileSync(file, 'utf8')).toMatch(/^Dear diary/)
  })

  it('is refused for a folder, and below a file', () => {
    const folder = testFolder()
    fs.writeFileSync(path.join(folder, 'note'), '')
    expect(() => openRegistry(folder)).toThrow(/is a folder\. Name the file of a registry/)
    expect(() => openRegistry(path.join(folder, 'note', 'registry.sqlite'))).toThrow(
      /note is a file where a folder is needed for/,
    )
  })

  it('lets go of its lock when it is refused', () => {
    const file = registryIn(testFolder())
    fs.writeFileSync(file, 'no database'.repeat(1000))
    expect(() => openRegistry(file)).toThrow()
    fs.rmSync(file)
    expect(() => openRegistry(file).close()).not.toThrow()
  })
})

describe('reading beside the writer', () => {
  it('sees what is committed, as soon as it is', () => {
    const db = testRegistry()
    const reader = openReadOnly(db.path)
    expect(listDatasets(reader)).toEqual([])
    const dataset = importedDataset(db, 'text', [{ completion: 'Good.' }])
    expect(listDatasets(reader)).toEqual([dataset])
    reader.close()
  })

  it('cannot write, whatever the type says', () => {
    const db = testRegistry()
    const reader = openReadOnly(db.path)
    expect(() => reader.get('DELETE FROM datasets RETURNING id')).toThrow(/cannot be written/)
    reader.close()
  })

  it('is refused where there is no registry', () => {
    expect(() => openReadOnly(registryIn(testFolder()))).toThrow(/There is no registry at/)
  })

  it('is refused before the writer has brought an old file up to date', () => {
    const file = registryIn(testFolder())
    openRegistry(file).close()
    withDriver(file, (raw) => raw.pragma('user_version = 0'))
    expect(() => openReadOnly(file)).toThrow(/older version of RLHF Studio/)
  })
})

describe('a process killed with SIGKILL', () => {
  it('has kept every judgment it reported, and its registry opens again', async () => {
    const folder = testFolder()
    const db = openRegistry(registryIn(folder))
    const { queue } = testQueue(db)
    fill(db, queue.id, 20_000)
    db.close()

    const writer = await startProgram('tests/store/hard-writer.ts', registryIn(folder), queue.id)
    expect(await nextMessage(writer)).toBe('open')
    expect(() => openRegistry(registryIn(folder))).toThrow(new RegExp(`process ${writer.pid}`))
    let reported = 0
    writer.on('message', (id) => {
      reported = Number(id)
    })
    while (reported < 200) await nextMessage(writer)
    await killHard(writer)

    const again = testRegistry(folder)
    expect(judgmentWatermark(again)).toBeGreaterThanOrEqual(reported)
    expect(labelProgress(again, queue.id).judged).toBe(judgmentWatermark(again))
  })
})

describe('a full disk', () => {
  it('is said in words, and what was saved before is still there', () => {
    const db = testRegistry()
    const dataset = importedDataset(db, 'text', [{ completion: 'Saved.' }])
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0
    db.script(`PRAGMA max_page_count = ${pages + 20}`) // SQLite then answers as a full disk does
    const long = Array.from({ length: 500 }, (_, i) => ({ completion: `${'word '.repeat(200)}${i}` }))
    expect(() => importedDataset(db, 'text', long)).toThrow(/^The disk is full/)
    expect(listDatasets(db)).toEqual([dataset])
    expect(pageOfExamples(db, dataset.id, { filter: { search: '' }, offset: 0, limit: 10 }).total).toBe(1)
  })
})

describe('a damaged registry', () => {
  it('is said in words when the damaged part is read', () => {
    const folder = testFolder()
    const db = openRegistry(registryIn(folder))
    const dataset = importedDataset(
      db,
      'text',
      Array.from({ length: 3000 }, (_, i) => ({ completion: `text ${i} ${'x'.repeat(50)}` })),
    )
    db.close()
    const bytes = fs.readFileSync(registryIn(folder))
    fs.writeFileSync(
      registryIn(folder),
      Buffer.concat([bytes.subarray(0, 4096 * 40), Buffer.alloc(bytes.length - 4096 * 40, 0xa5)]),
    )
    expect(() => {
      const damaged = testRegistry(folder)
      for (let offset = 0; offset < 3000; offset += 500)
        pageOfExamples(damaged, dataset.id, { filter: { search: '' }, offset, limit: 500 })
    }).toThrow(/The registry .* is damaged/)
  })
})

describe('a transaction', () => {
  it('takes back all of its work when a part of it fails', () => {
    const db = testRegistry()
    expect(() =>
      db.transaction(() => {
        importedDataset(db, 'text', [{ completion: 'Good.' }])
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(listDatasets(db)).toEqual([])
  })
})

function withDriver<T>(file: string, work: (raw: Database.Database) => T): T {
  const raw = new Database(file)
  try {
    return work(raw)
  } finally {
    raw.close()
  }
}
