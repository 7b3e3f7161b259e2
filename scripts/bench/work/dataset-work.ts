/**
 * `dataset-work.js FOLDER`: imports a dataset of 200,000 preference pairs, then pages and searches it. Prints
 * what it took as JSON.
 */
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'
import path from 'node:path'
import { importDataset } from '../../../src-main/datasets/import-dataset'
import { openRegistry } from '../../../src-main/store/database'
import type { ReadableDb } from '../../../src-main/store/handle'
import { pageOfExamples } from '../../../src-main/store/examples'

const rows = 200_000
const pageRows = 200
const folder = process.argv[2]!

/** Real sentences, paired differently in each row. */
async function writeFile(): Promise<string> {
  const sentences = readFileSync('resources/datasets/short-english-wordnet.txt', 'utf8').trim().split('\n')
  const at = (place: number): string => sentences[place % sentences.length]!
  const file = path.join(folder, 'pairs.jsonl')
  const stream = createWriteStream(file)
  for (let row = 0; row < rows; row++) {
    const line = JSON.stringify({
      prompt: `Write about ${at(7 * row)}`,
      chosen: `${at(row)} ${at(13 * row)}`,
      rejected: at(31 * row),
      source: ['dictionary', 'letters', 'reviews'][row % 3],
    })
    if (!stream.write(`${line}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
  return file
}

/** Milliseconds of each call. */
function timed(times: number, call: (index: number) => unknown): readonly number[] {
  return Array.from({ length: times }, (_, index) => {
    const startedMs = performance.now()
    call(index)
    return performance.now() - startedMs
  })
}

/** The longest that one import batch held the process, while it took `ms` in all. */
async function timedImport(
  file: string,
  db: ReturnType<typeof openRegistry>,
): Promise<{ readonly datasetId: string; readonly importMs: number; readonly blockedMs: number }> {
  const startedMs = performance.now()
  let datasetId = ''
  let blockedMs = 0
  let lastMs = startedMs
  const heartbeat = setInterval(() => {
    blockedMs = Math.max(blockedMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 1)
  for await (const progress of importDataset(db, { path: file, origin: 'imported', createdAtMs: 0 }))
    datasetId = progress.done?.dataset.id ?? ''
  clearInterval(heartbeat)
  return { datasetId, importMs: performance.now() - startedMs, blockedMs }
}

const page = (db: ReadableDb, datasetId: string, offset: number, search: string): unknown =>
  pageOfExamples(db, datasetId, { filter: { search }, offset, limit: pageRows })

const file = await writeFile()
const db = openRegistry(path.join(folder, 'registry.sqlite'))
const { datasetId, importMs, blockedMs } = await timedImport(file, db)
console.log(
  JSON.stringify({
    rows,
    importMs,
    blockedMs,
    pageMs: timed(21, (index) => page(db, datasetId, index * Math.floor((rows - pageRows) / 20), '')),
    searchMs: ['qual', 'quality', 'the', 'good time', 'wr', 'zzzz', 'a'].map((search) => ({
      search,
      ms: timed(3, () => page(db, datasetId, 0, search)),
    })),
  }),
)
db.close()
