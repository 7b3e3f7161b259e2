/** A disk that is full, or takes no more writes: said in words, nothing lost, and all goes on when there is room. */
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openReadOnly } from '../../src-main/store/database'
import type { Run } from '../../src-shared/records/run'
import { ownDisk, whyNoDisk } from '../helpers/own-disk'
import { skipped } from '../helpers/skipping'
import { testStudio, type TestStudio } from '../helpers/test-studio'
import { ended, imported, tinyPretraining, until } from '../helpers/tiny-runs'
import { isLong, tried } from '../helpers/tries'
import { passedMs, registryIn } from './killing'

const onDisk = (): { readonly disk: ReturnType<typeof ownDisk>; readonly folder: string } => {
  const disk = ownDisk(60)
  const folder = join(disk.folder, 'studio')
  mkdirSync(folder)
  return { disk, folder }
}

/** Takes all room that is left. */
function filled(folder: string): string {
  const path = join(folder, 'filler')
  const piece = Buffer.alloc(64 * 1024)
  for (const size of [piece.length, 4096, 512])
    try {
      for (;;) writeFileSync(path, piece.subarray(0, size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  expect(statfsSync(folder).bavail).toBe(0)
  return path
}

const launched = (studio: TestStudio, id: string) =>
  studio.ask('runs.launch', {
    recipe: 'pretrain',
    settings: { ...tinyPretraining, updates: 60 },
    inputs: { texts: [id] },
  })

/** What each thing says that cannot be kept. */
const words = /disk is full|share of the disk|can only be read|failed to read or write|cannot be written/

async function refused(studio: TestStudio, datasetId: string, exports: string): Promise<void> {
  const problems = await Promise.all([
    imported(studio, 'pairs.jsonl').then(() => 'taken', said),
    studio.ask('datasets.rename', { datasetId, name: 'x'.repeat(100) }).then(() => 'taken', said),
    studio
      .ask('datasets.export', { datasetId, form: 'trl', container: 'jsonl', folder: exports })
      .then(() => 'taken', said),
  ])
  for (const problem of problems) expect(problem).toMatch(words)
}

const said = (error: Error): string => error.message

async function fullAndEmptied(): Promise<void> {
  const { folder } = onDisk()
  const studio = await testStudio({ folder })
  const { id } = await imported(studio, 'texts.txt')
  const run = await launched(studio, id)
  await until(studio, run.id, 2)
  const filler = filled(folder)
  const { updates } = await ended(studio, run.id)
  const told = updates.findLast((update) => update.run)?.run
  expect(told?.state).toBe('failed')
  expect(told?.error).toMatch(words)
  await refused(studio, id, folder)

  rmSync(filler)
  const stopped = await settled(studio, run.id)
  await studio.ask('datasets.rename', { datasetId: id, name: 'named at last' })
  await imported(studio, 'pairs.jsonl')
  if (stopped.resumableStep !== undefined) {
    await studio.ask('runs.resume', { runId: run.id })
    expect((await ended(studio, run.id)).run.state).toBe('finished')
  }
  const another = await launched(studio, id)
  expect((await ended(studio, another.id)).run.state).toBe('finished')
  expect(studio.bugs).toEqual([])
  expect(partials(folder)).toEqual([])
}

/** Its row says so, too, soon after there is room for it. */
async function settled(studio: TestStudio, runId: string): Promise<Run> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 200) {
    const { run } = await studio.ask('runs.show', { runId })
    if (run.state === 'failed') return run
    await passedMs(200)
  }
  throw new Error('the run never ended in the registry')
}

async function readOnlyAtOnce(): Promise<void> {
  const { disk, folder } = onDisk()
  const studio = await testStudio({ folder })
  const { id } = await imported(studio, 'texts.txt')
  disk.refuseWrites()
  await refused(studio, id, folder)
  const run = await launched(studio, id).catch(said)
  if (typeof run !== 'string') expect((await ended(studio, run.id)).run.error).toMatch(words)
  expect((await studio.ask('datasets.list', {})).map((dataset) => dataset.id)).toEqual([id])
  expect(studio.bugs).toEqual([])
  await studio.studio.close()
  disk.again()
  const db = openReadOnly(registryIn(folder))
  expect(db.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' })
  db.close()
}

const partials = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((each) => /partial|unfinished/.test(each))

describe.skipIf(whyNoDisk !== undefined)(`7. a disk${skipped(whyNoDisk)}`, () => {
  it.runIf(isLong)(
    'that is full: work says so and ends, and all goes on when there is room again',
    (context) => tried(context, { short: 1, long: 10 }, fullAndEmptied),
  )

  it('that takes no more writes: everything says so, and the registry stays whole', (context) =>
    tried(context, { short: 1, long: 10 }, readOnlyAtOnce))
})
