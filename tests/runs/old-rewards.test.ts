/** A policy's run that was stored when a run had one reward and a judge: it goes on as if nothing had happened. */
import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executeRun } from '../../src-main/runs/execute-run'
import { recordRun } from '../../src-main/runs/run-recorder'
import { checkpointsOfRun, filesOfCheckpoint } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'
import { migrations } from '../../src-main/store/migrations'
import type { WritableDb } from '../../src-main/store/handle'
import { createRun, requeueRun, runOf, startRun, type NewRun } from '../../src-main/store/runs'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { ppoFields } from '../../src-shared/recipes/ppo'
import { pretrainFields } from '../../src-shared/recipes/pretrain'
import { importedDataset, testFolder } from '../helpers/registry'
import { tinyPretraining, weightsIn } from '../helpers/tiny-runs'

const made = { device: 'cpu', threads: 1, programVersion: '0', createdAtMs: 0 }
const pretraining: SettingsValues = { ...defaultsOf(pretrainFields), ...tinyPretraining, updates: 6 }
const ppoSettings: SettingsValues = {
  ...defaultsOf(ppoFields),
  rewards: 'lexicon + 0 * wink',
  ...{ updates: 4, criticWarmup: 1, completions: 8, maxTokens: 6, minibatches: 2, epochs: 1 },
  ...{ samplesEvery: 100, checkpointEvery: 100 },
}

/** Runs a queued run in this process. @param updates after which it is stopped */
async function runToEnd(db: WritableDb, runId: string, updates = Infinity): Promise<void> {
  startRun(db, runId, 1)
  const record = recordRun(db, runId, () => 1)
  const stop = new AbortController()
  const onEvent = (event: Parameters<Parameters<typeof executeRun>[1]>[0]) => {
    record([event])
    if (event.kind === 'update' && event.step >= updates) stop.abort()
  }
  await executeRun({ registryPath: db.path, runId }, onEvent, stop.signal)
}

const lastWeights = (db: WritableDb, runId: string) =>
  weightsIn(filesOfCheckpoint(db, checkpointsOfRun(db, runId).at(-1)!.id).path)

describe('a run of before rewards were a sum', () => {
  it('reads as its one reward and the judge that watched, and ends with the same weights', async () => {
    const file = join(testFolder(), 'registry.sqlite')
    let db: WritableDb = openRegistry(file)
    const texts = importedDataset(db, 'text', [{ completion: 'good' }, { completion: 'so bad' }])
    const begin = (run: Omit<NewRun, keyof typeof made>) => createRun(db, { ...made, ...run }).id
    const base = begin({
      name: 'p',
      recipe: 'pretrain',
      settings: pretraining,
      inputs: { texts: [texts.id] },
    })
    await runToEnd(db, base)
    const inputs = { policy: [checkpointsOfRun(db, base).at(-1)!.id] }
    const whole = begin({ name: 'whole', recipe: 'ppo', settings: ppoSettings, inputs })
    await runToEnd(db, whole)
    const stopped = begin({ name: 'stopped', recipe: 'ppo', settings: ppoSettings, inputs })
    await runToEnd(db, stopped, 2)
    expect(runOf(db, stopped)).toMatchObject({ state: 'stopped', step: 2 })
    db.close()

    const raw = new Database(file)
    raw.exec(`UPDATE runs SET settings = json_remove(json_set(settings, '$.rewardFrom', 'lexicon'), '$.rewards')
      WHERE recipe = 'ppo'`)
    raw.exec(migrations[6]!.sql) // what such a registry is brought up to date with
    raw.close()

    db = openRegistry(file)
    expect(runOf(db, stopped).settings).toEqual(ppoSettings)
    requeueRun(db, stopped)
    await runToEnd(db, stopped)
    expect(runOf(db, stopped)).toMatchObject({ state: 'finished', step: 4 })
    expect(await lastWeights(db, stopped)).toEqual(await lastWeights(db, whole))
    db.close()
  }, 120_000)
})
