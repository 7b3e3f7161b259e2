/**
 * A studio killed at a moment nobody chose, whatever it was doing: what it had acknowledged is there, what it had not
 * is there whole or not at all. How trainings are killed stands in kills-training.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openReadOnly } from '../../src-main/store/database'
import type { HeadlessStudio } from '../helpers/headless-studio'
import { skipped, whyNotLinux } from '../helpers/skipping'
import { ended, imported, tinyPretraining } from '../helpers/tiny-runs'
import { isLong, tried } from '../helpers/tries'
import { killedAgain, registryIn, type Work } from './killing'
import { soundModel } from './lying-models'

const often = { short: 1, long: 5 }
const kills = (): number => (isLong ? 10 : 1)

interface Names {
  readonly folder: string
  readonly acknowledged: string[]
}

const names = async (_: HeadlessStudio, folder: string): Promise<Names> => ({ folder, acknowledged: [] })

let files = 0
/** A path that nothing lies at yet. */
const newFile = (folder: string, extension: string): string => join(folder, `file-${files++}.${extension}`)

/** The sample project has a run of its own. */
const importedName = 'ours'

async function trained(studio: HeadlessStudio) {
  const { id } = await imported(studio, 'texts.txt')
  const asked = {
    recipe: 'pretrain',
    name: importedName,
    settings: tinyPretraining,
    inputs: { texts: [id] },
  } as const
  const { id: runId } = await studio.ask('runs.launch', asked)
  await ended(studio, runId)
  const { checkpoints } = await studio.ask('runs.show', { runId })
  return { datasetId: id, runId, checkpointId: checkpoints[0]!.id }
}

const rows = 3000
const importing: Work<Names> = {
  prepare: names,
  doing: async (studio, { folder, acknowledged }) => {
    for (;;) {
      const path = newFile(folder, 'txt')
      writeFileSync(path, Array.from({ length: rows }, (_, line) => `text ${path} line ${line}`).join('\n'))
      const last = (await studio.follow('datasets.import', { path })).at(-1)
      if (last?.done) acknowledged.push(last.done.dataset.name)
    }
  },
  held: async (studio, { acknowledged }) => {
    const datasets = await studio.ask('datasets.list', {})
    expect(datasets.map(({ name }) => name)).toEqual(expect.arrayContaining(acknowledged))
    for (const { rows: kept, name } of datasets) if (name.startsWith('file-')) expect(kept).toBe(rows)
  },
}

const removing: Work<Names> = {
  prepare: names,
  doing: async (studio, { acknowledged }) => {
    for (;;) {
      const { id } = await imported(studio, 'pairs.jsonl')
      await studio.ask('datasets.remove', { datasetId: id })
      acknowledged.push(id)
    }
  },
  held: async (studio, { acknowledged, folder }) => {
    const ids = (await studio.ask('datasets.list', {})).map(({ id }) => id)
    expect(ids.filter((id) => acknowledged.includes(id))).toEqual([])
    const db = openReadOnly(registryIn(folder))
    // what was begun, or is being removed, still has its row: its examples go with it
    const orphans = 'SELECT COUNT(*) AS count FROM examples WHERE dataset_id NOT IN (SELECT id FROM datasets)'
    expect(db.get(orphans)).toEqual({ count: 0 })
    db.close()
  },
}

interface Exporting {
  readonly id: string
  readonly to: string
}
const exportFolder = (folder: string): string => {
  const to = join(folder, 'exports')
  mkdirSync(to)
  return to
}
const exportedIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((each) => !each.startsWith('.unfinished') && !/\.part(ial)?$/.test(each))

const exportingModel: Work<Exporting> = {
  prepare: async (studio, folder) => ({
    id: (await trained(studio)).checkpointId,
    to: exportFolder(folder),
  }),
  doing: async (studio, { id, to }) => {
    const request = { checkpointId: id, format: 'hugging-face', folder: to } as const
    for (;;) await studio.ask('checkpoints.export', request)
  },
  held: async (_, { to }) => {
    const [first, ...others] = exportedIn(to).map((each) => readdirSync(join(to, each)).sort())
    for (const each of others) expect(each).toEqual(first)
    for (const each of exportedIn(to))
      expect(JSON.parse(readFileSync(join(to, each, 'config.json'), 'utf8'))).toHaveProperty('model_type')
  },
}

const exportingRows: Work<Exporting> = {
  prepare: async (studio, folder) => ({
    id: (await imported(studio, 'pairs.jsonl')).id,
    to: exportFolder(folder),
  }),
  doing: async (studio, { id, to }) => {
    const request = { datasetId: id, form: 'trl', container: 'jsonl', folder: to } as const
    for (;;) await studio.ask('datasets.export', request)
  },
  held: async (_, { to }) => {
    for (const each of exportedIn(to))
      expect(readFileSync(join(to, each), 'utf8').trim().split('\n')).toHaveLength(32)
  },
}

const importingModel: Work<Names & { readonly path: string }> = {
  prepare: async (studio, folder) => ({ ...(await names(studio, folder)), path: soundModel() }),
  doing: async (studio, { path, acknowledged }) => {
    for (;;) {
      const last = (await studio.follow('checkpoints.import', { path })).at(-1)
      if (last?.done) acknowledged.push(last.done.id)
    }
  },
  held: async (studio, { acknowledged, folder }) => {
    const known = await studio.ask('checkpoints.list', {})
    expect(known.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
    const db = openReadOnly(registryIn(folder))
    for (const { path } of db.all<{ path: string }>('SELECT path FROM checkpoints'))
      expect(existsSync(join(folder, path))).toBe(true)
    db.close()
  },
}

const exportingRun: Work<Exporting & { readonly acknowledged: string[] }> = {
  prepare: async (studio, folder) => ({
    id: (await trained(studio)).runId,
    to: exportFolder(folder),
    acknowledged: [],
  }),
  doing: async (studio, { id, to, acknowledged }) => {
    for (;;) {
      const path = newFile(to, 'zip')
      await studio.ask('runs.export', { runId: id, path })
      acknowledged.push(basename(path))
    }
  },
  held: async (_, { to, acknowledged }) => {
    const there = exportedIn(to).filter((each) => each.endsWith('.zip'))
    expect(there).toEqual(expect.arrayContaining(acknowledged))
    // a whole file ends with its list: 22 bytes that begin with PK 5 6 (PKWARE, section 4.3.16)
    for (const each of there)
      expect(readFileSync(join(to, each)).subarray(-22, -18).toString('latin1')).toBe('PK\x05\x06')
  },
}

const importingRun: Work<Names & { readonly path: string; readonly checkpoints: number }> = {
  prepare: async (studio, folder) => {
    const { runId } = await trained(studio)
    const path = join(folder, 'run.zip')
    await studio.ask('runs.export', { runId, path })
    await studio.ask('runs.remove', { runId })
    const { run } = await studio.ask('runs.import', { path })
    const { checkpoints } = await studio.ask('runs.show', { runId: run.id })
    await studio.ask('runs.remove', { runId: run.id })
    return { ...(await names(studio, folder)), path, checkpoints: checkpoints.length }
  },
  doing: async (studio, { path, acknowledged }) => {
    for (;;) {
      const { run } = await studio.ask('runs.import', { path })
      acknowledged.splice(0, Infinity, run.id)
      await passedMs(50)
      acknowledged.splice(0, Infinity)
      await studio.ask('runs.remove', { runId: run.id })
    }
  },
  held: async (studio, { acknowledged, checkpoints }) => {
    const runs = (await studio.ask('runs.list', {})).filter(({ name }) => name === importedName)
    expect(runs.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
    for (const { id: runId } of runs) {
      expect((await studio.ask('runs.show', { runId })).checkpoints).toHaveLength(checkpoints)
      await studio.ask('runs.remove', { runId })
    }
    acknowledged.splice(0, Infinity)
  },
}

const passedMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(whyNotLinux !== undefined)(`a studio killed in its work${skipped(whyNotLinux)}`, () => {
  it('keeps every dataset whose import was acknowledged, and none by half', (context) =>
    tried(context, often, () => killedAgain(importing, kills())))

  it.runIf(isLong)(
    'brings back no dataset whose removal was acknowledged, and leaves no row of one',
    (context) => tried(context, often, () => killedAgain(removing, kills())),
  )

  it('leaves an exported model whole under its name, or nothing under it', (context) =>
    tried(context, often, () => killedAgain(exportingModel, kills())))

  it.runIf(isLong)('leaves an exported dataset whole under its name, or nothing under it', (context) =>
    tried(context, often, () => killedAgain(exportingRows, kills())),
  )

  it('keeps every model whose import was acknowledged, and no row without its file', (context) =>
    tried(context, often, () => killedAgain(importingModel, kills())))

  it.runIf(isLong)('leaves an exported run whole under its name, or nothing under it', (context) =>
    tried(context, often, () => killedAgain(exportingRun, kills())),
  )

  it('keeps every run whose import was acknowledged, and none by half', (context) =>
    tried(context, often, () => killedAgain(importingRun, kills())))
})
