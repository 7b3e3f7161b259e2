import { describe, expect, it, onTestFinished } from 'vitest'
import type { Run, RunUpdate } from '../../src-shared/records/run'
import { forkNode } from '../../src-main/processes/compute-child'
import { superviseRuns } from '../../src-main/runs/run-supervisor'
import { createRun, findRun } from '../../src-main/store/runs'
import type { WritableDb } from '../../src-main/store/handle'
import { studioChanges } from '../../src-main/changes/studio-changes'
import { parseSettings } from '../../src-shared/fields'
import { pretrainFields } from '../../src-shared/recipes/pretrain'
import { builtMain } from '../helpers/built-main'
import { importedDataset, testRegistry } from '../helpers/registry'
import { hasEnded, tinyPretraining } from '../helpers/tiny-runs'

/** A supervisor over a registry that the test can reach into. */
async function supervised() {
  const { computeProcess } = await builtMain()
  const db = testRegistry()
  const changes = studioChanges()
  const bugs: unknown[] = []
  const supervisor = superviseRuns({
    db,
    changes,
    forkOn: () => forkNode(computeProcess),
    now: Date.now,
    reportBug: (_, error) => bugs.push(error),
  })
  onTestFinished(() => supervisor.close(0), 60_000)
  const until = (passes: (run: Run, update: RunUpdate) => boolean): Promise<Run> =>
    new Promise((resolve) => {
      const stop = changes.updates.subscribe(({ update }) => {
        if (!update.run || !passes(update.run, update)) return
        stop()
        resolve(update.run)
      })
    })
  return { db, supervisor, bugs, until }
}

function queued(db: WritableDb, settings: object): Run {
  const texts = importedDataset(
    db,
    'text',
    Array.from({ length: 40 }, (_, i) => ({ completion: `this is text ${i}` })),
  )
  return createRun(db, {
    name: 'base-01',
    recipe: 'pretrain',
    settings: parseSettings(pretrainFields, { ...tinyPretraining, ...settings }).settings,
    inputs: { texts: [texts.id] },
    device: 'cpu',
    programVersion: '0',
    createdAtMs: 1,
  })
}

describe('a run on a disk that is full', () => {
  it('ends, says so to whoever watches, and is written down when there is room again', async () => {
    const { db, supervisor, until, bugs } = await supervised()
    const run = queued(db, { updates: 100_000, checkpointEvery: 100_000 })
    supervisor.enqueue(run)
    await until(({ step }) => step > 5)
    const pages = db.get<{ page_count: number }>('PRAGMA page_count')!.page_count
    db.get(`PRAGMA max_page_count = ${pages}`)
    const failed = await until(hasEnded)
    expect(failed).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(
        /^The disk is full: this was not saved in .*registry\.sqlite\. Free some space/,
      ) as string,
    })

    db.get('PRAGMA max_page_count = 1000000')
    while (findRun(db, run.id)!.state !== 'failed') await new Promise((resolve) => setTimeout(resolve, 100))
    expect(findRun(db, run.id)!.error).toBe(failed.error)
    expect(bugs).toEqual([])
  })
})

describe('7. a run that waits while the disk is full', () => {
  it('keeps its turn, and starts when there is room again', async () => {
    const { db, supervisor, until, bugs } = await supervised()
    const run = queued(db, { updates: 5 })
    db.script('PRAGMA query_only = ON') // as on a disk that takes nothing more
    supervisor.enqueue(run)
    expect(findRun(db, run.id)!.state).toBe('queued')
    db.script('PRAGMA query_only = OFF')
    expect((await until(hasEnded)).state).toBe('finished')
    expect(bugs).toEqual([])
  }, 60_000)
})

describe('a run whose device is gone', () => {
  it('fails with the reason in words, keeps its checkpoint, and goes on when the device is back', async () => {
    const { db, supervisor, until, bugs } = await supervised()
    const run = queued(db, { updates: 100_000, checkpointEvery: 100_000 })
    supervisor.enqueue(run)
    await until(({ step }) => step > 2)
    void supervisor.stop(run.id)
    const { step } = await until(hasEnded)

    db.run("UPDATE runs SET device = 'coreml'") // as on a machine without one
    void supervisor.resume(run.id)
    expect(await until(hasEnded)).toMatchObject({
      state: 'failed',
      resumableStep: step,
      error:
        'There is no device “coreml” on this machine: `studio devices` lists them. The run can go on ' +
        'from its newest checkpoint.',
    })

    db.run("UPDATE runs SET device = 'cpu'")
    void supervisor.resume(run.id)
    await until((later) => later.step > step)
    void supervisor.stop(run.id)
    expect((await until(hasEnded)).state).toBe('stopped')
    expect(bugs).toEqual([])
  })
})

describe('a run whose data is gone from under it', () => {
  it('fails with the reason its process gives', async () => {
    const { db, supervisor, until } = await supervised()
    const run = queued(db, {})
    db.run("UPDATE datasets SET state = 'removing'")
    supervisor.enqueue(run)
    expect(await until(hasEnded)).toMatchObject({ state: 'failed', error: 'This dataset no longer exists.' })
  })
})

describe('the time left', () => {
  it('is known after a few updates and falls to the end', async () => {
    const { db, supervisor, until } = await supervised()
    supervisor.enqueue(queued(db, { updates: 200 }))
    const early = await until(({ step, leftMs }) => step > 1 && leftMs !== undefined)
    expect(early.leftMs).toBeGreaterThan(0)
    const last = await until(({ step, totalSteps }) => totalSteps > 0 && step === totalSteps)
    expect(last.leftMs ?? 0).toBe(0)
  })
})
