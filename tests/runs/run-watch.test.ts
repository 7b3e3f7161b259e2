import { describe, expect, it } from 'vitest'
import type { MetricPoint, RunUpdate } from '../../src-shared/records/run'
import { pause } from '../../src-main/changes/topic'
import type { RunEvent } from '../../src-main/processes/messages'
import { recordRun } from '../../src-main/runs/run-recorder'
import { watchRun } from '../../src-main/runs/run-watch'
import { appendPoints } from '../../src-main/store/metric-points'
import { createRun, endRun, recordProgress, requeueRun, startRun } from '../../src-main/store/runs'
import type { WritableDb } from '../../src-main/store/handle'
import { publishUpdate, studioChanges } from '../../src-main/changes/studio-changes'
import { testCheckpoint } from '../helpers/labels'
import { testRegistry } from '../helpers/registry'

const never = new AbortController().signal

function startedRun(db: WritableDb): string {
  const { id } = createRun(db, {
    name: 'base-01',
    recipe: 'pretrain',
    settings: {},
    inputs: {},
    device: 'cpu',
    programVersion: '0',
    createdAtMs: 1,
  })
  startRun(db, id, 2)
  return id
}

const update = (step: number): RunEvent => ({
  kind: 'update',
  step,
  atMs: step * 10,
  values: { 'loss/train': 1 / step, 'pace/tokens': 1000 },
})

/** As a page holds them: a rewind takes away, the rest is appended. */
function taken(updates: readonly RunUpdate[]): readonly MetricPoint[] {
  let points: MetricPoint[] = []
  for (const { rewoundTo, points: more = [] } of updates) {
    if (rewoundTo !== undefined) points = points.filter(({ step }) => step <= rewoundTo)
    points.push(...more)
  }
  return points
}

async function read(
  updates: AsyncIterable<RunUpdate>,
  isLast: (points: readonly MetricPoint[]) => boolean,
): Promise<readonly RunUpdate[]> {
  const all: RunUpdate[] = []
  for await (const each of updates) {
    all.push(each)
    if (isLast(taken(all))) break
  }
  return all
}

const stepsOf = (points: readonly MetricPoint[], name: string) =>
  points.filter((point) => point.name === name).map(({ step }) => step)
const firstSteps = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('a run that is watched', () => {
  it('gives stored points, then live ones, with neither gap nor double, while it is being recorded', async () => {
    const db = testRegistry()
    const changes = studioChanges()
    const runId = startedRun(db)
    const record = recordRun(db, runId, () => 0)
    const say = (...events: readonly RunEvent[]) => publishUpdate(changes, runId, record(events))
    say({ kind: 'plan', step: 0, totalSteps: 1200 }, ...firstSteps(600).map(update))

    let step = 600
    const recording = (async () => {
      while (step < 1200) {
        say(...Array.from({ length: 10 }, () => update(++step)))
        await pause(3, never)
      }
    })()
    const watchers = await Promise.all(
      [0, 30, 200].map(async (delayMs) => {
        await pause(delayMs, never)
        return taken(
          await read(watchRun(db, changes, { runId, sinceStep: -1 }, never), (points) =>
            points.some((point) => point.step === 1200),
          ),
        )
      }),
    )
    await recording
    for (const points of watchers) {
      expect(stepsOf(points, 'loss/train')).toEqual(firstSteps(1200))
      expect(stepsOf(points, 'pace/tokens')).toEqual(firstSteps(1200))
    }
  })

  it('goes on from the step a page already has', async () => {
    const db = testRegistry()
    const changes = studioChanges()
    const runId = startedRun(db)
    recordRun(db, runId, () => 0)([{ kind: 'plan', step: 0, totalSteps: 20 }, ...firstSteps(20).map(update)])
    const [first] = await read(watchRun(db, changes, { runId, sinceStep: 15 }, never), () => true)
    expect(stepsOf(first!.points ?? [], 'loss/train')).toEqual([16, 17, 18, 19, 20])
    const [upToDate] = await read(watchRun(db, changes, { runId, sinceStep: 20 }, never), () => true)
    expect(upToDate).toMatchObject({ run: { id: runId, step: 20 }, samples: [], log: [], checkpoints: [] })
    expect(upToDate!.points).toBeUndefined()
  })

  it('tells a page to forget what a resumed run took back', async () => {
    const db = testRegistry()
    const changes = studioChanges()
    const runId = startedRun(db)
    recordRun(db, runId, () => 0)([{ kind: 'plan', step: 0, totalSteps: 40 }, ...firstSteps(25).map(update)])
    testCheckpoint(db, { runId, step: 20, isResumable: true })
    const seen: RunUpdate[] = []
    const watching = (async () => {
      for await (const each of watchRun(db, changes, { runId, sinceStep: -1 }, never)) {
        seen.push(each)
        if (taken(seen).some(({ step }) => step === 30)) break
      }
    })()
    await pause(20, never)
    endRun(db, runId, { state: 'failed', endedAtMs: 5, error: 'x' })
    requeueRun(db, runId)
    changes.updates.publish({ runId, update: { rewoundTo: 20 } })
    startRun(db, runId, 6)
    publishUpdate(
      changes,
      runId,
      recordRun(db, runId, () => 0)(Array.from({ length: 10 }, (_, i) => update(21 + i))),
    )
    await watching
    expect(stepsOf(taken(seen), 'loss/train')).toEqual(firstSteps(30))
    // A page that was away while it happened still has step 25, and hears of it first.
    const [late] = await read(watchRun(db, changes, { runId, sinceStep: 35 }, never), () => true)
    expect(late).toMatchObject({ rewoundTo: 30 })
  })

  it('gives a hundred thousand stored points in parts of at most 8,000', async () => {
    const db = testRegistry()
    const changes = studioChanges()
    const runId = startedRun(db)
    const names = [
      'loss/train',
      'loss/held-out',
      'optimizer/learning-rate',
      'optimizer/gradient-norm',
      'pace/tokens',
    ] as const
    for (let from = 0; from < 20_000; from += 400) {
      appendPoints(
        db,
        runId,
        Array.from({ length: 400 }, (_, i) =>
          names.map((name) => ({ step: from + i + 1, name, value: i })),
        ).flat(),
      )
      await pause(0, never)
    }
    recordProgress(db, runId, { step: 20_000, totalSteps: 20_000 })
    const updates = await read(
      watchRun(db, changes, { runId, sinceStep: -1 }, never),
      (points) => points.length >= 100_000,
    )
    expect(taken(updates)).toHaveLength(100_000)
    for (const { points = [] } of updates) expect(points.length).toBeLessThanOrEqual(8000)
  })
})
