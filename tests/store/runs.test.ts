import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { markAbandonedRuns } from '../../src-main/store/abandoned-runs'
import {
  checkpointsOfRun,
  filesOfCheckpoint,
  insertCheckpoint,
  listCheckpoints,
  resumableCheckpoints,
} from '../../src-main/store/checkpoints'
import type { WritableDb } from '../../src-main/store/handle'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { judge } from '../../src-main/store/judgments'
import { appendLog, logOf } from '../../src-main/store/log-lines'
import { appendPoints, pointsSince, thinnedPoints } from '../../src-main/store/metric-points'
import { createQueue } from '../../src-main/store/queues'
import { removeRun } from '../../src-main/store/remove-run'
import {
  createRun,
  endRun,
  findRun,
  listRuns,
  recordProgress,
  renameRun,
  requeueRun,
  runOf,
  startRun,
  stopRun,
  type NewRun,
} from '../../src-main/store/runs'
import { findSample, insertSamples, samplesOfRun } from '../../src-main/store/samples'
import type { MetricPoint, Run, RunInputs } from '../../src-shared/records/run'
import { testCheckpoint, testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'

const happy: NewRun = {
  name: 'Happy',
  recipe: 'sft',
  settings: { learningRate: 3e-4, label: '1' },
  inputs: {},
  device: 'cpu',
  programVersion: '0.1.0',
  createdAtMs: 100,
}

function running(db: WritableDb, inputs: RunInputs = {}, name = 'Happy'): Run {
  return startRun(db, createRun(db, { ...happy, name, inputs }).id, 200)
}

describe('a run', () => {
  it('is stored with all that it was launched with', () => {
    const db = testRegistry()
    const dataset = importedDataset(db, 'text', [{ completion: 'Good.' }])
    const checkpoint = testCheckpoint(db)
    const inputs = { demonstrations: [dataset.id], policy: [checkpoint.id] }
    const run = createRun(db, { ...happy, inputs })
    expect(run).toEqual({
      id: 'run-1',
      name: 'Happy',
      recipe: 'sft',
      state: 'queued',
      settings: { learningRate: 3e-4, label: '1' },
      inputs,
      judgmentWatermark: 0,
      device: 'cpu',
      programVersion: '0.1.0',
      createdAtMs: 100,
      step: 0,
      totalSteps: 0,
      turn: 1,
    })
    expect(listRuns(db)).toEqual([run])
    expect(summaryOf(db, dataset.id, { search: '' }).usedBy).toEqual(['Happy'])
  })

  it('keeps the order of many inputs', () => {
    const db = testRegistry()
    const ids = ['b', 'a', 'c']
      .map((completion) => importedDataset(db, 'text', [{ completion }]).id)
      .reverse()
    expect(createRun(db, { ...happy, inputs: { texts: ids } }).inputs).toEqual({ texts: ids })
  })

  it('is frozen at the judgments known at its launch', () => {
    const db = testRegistry()
    const {
      comparisons: [one],
    } = testQueue(db, 1)
    judge(db, { comparisonId: one!.id, verdict: 'left', window: 'one', judgedAtMs: 1 })
    judge(db, { comparisonId: one!.id, verdict: 'right', window: 'one', judgedAtMs: 2 })
    expect(createRun(db, happy).judgmentWatermark).toBe(2)
  })

  it.each(['dataset-9', 'checkpoint-9', 'run-1', 'x'])(
    'made from %s, which is not there, is not stored',
    (id) => {
      const db = testRegistry()
      expect(() => createRun(db, { ...happy, inputs: { policy: [id] } })).toThrow(/no longer exists/)
      expect(listRuns(db)).toEqual([])
    },
  )

  it('goes from queued to running to finished, and keeps its times', () => {
    const db = testRegistry()
    const { id } = running(db)
    recordProgress(db, id, { step: 3, totalSteps: 10, leftMs: 7000.5 })
    expect(runOf(db, id)).toMatchObject({
      state: 'running',
      startedAtMs: 200,
      step: 3,
      totalSteps: 10,
      leftMs: 7000.5,
    })
    const ended = endRun(db, id, { state: 'finished', endedAtMs: 300 })
    expect(ended).toMatchObject({ state: 'finished', endedAtMs: 300, step: 3 })
    expect(ended).not.toHaveProperty('leftMs')
    expect(ended).not.toHaveProperty('error')
  })

  it('that is stopped first says that it is stopping', () => {
    const db = testRegistry()
    const { id } = running(db)
    expect(stopRun(db, id).state).toBe('stopping')
    expect(endRun(db, id, { state: 'stopped', endedAtMs: 300 }).state).toBe('stopped')
  })

  it.each([
    [
      'a finished one cannot run',
      (db: WritableDb, id: string) => {
        endRun(db, id, { state: 'finished', endedAtMs: 1 })
        startRun(db, id, 2)
      },
    ],
    ['a running one cannot be started again', (db: WritableDb, id: string) => startRun(db, id, 2)],
    [
      'a stopped one cannot fail',
      (db: WritableDb, id: string) => {
        endRun(db, id, { state: 'stopped', endedAtMs: 1 })
        endRun(db, id, { state: 'failed', endedAtMs: 2 })
      },
    ],
  ])('moves only forward: %s', (_, act) => {
    const db = testRegistry()
    const { id } = running(db)
    expect(() => act(db, id)).toThrow(/cannot become/)
  })

  it('is renamed together with its checkpoints', () => {
    const db = testRegistry()
    const { id } = running(db)
    testCheckpoint(db, { runId: id, step: 20 })
    expect(renameRun(db, id, 'Merry').name).toBe('Merry')
    expect(checkpointsOfRun(db, id).map((each) => each.name)).toEqual(['Merry, update 20'])
  })

  it('that is not there is not found', () => {
    const db = testRegistry()
    expect(findRun(db, 'run-1')).toBeUndefined()
    expect(() => renameRun(db, 'run-1', 'Merry')).toThrow('This run no longer exists.')
  })
})

describe('runs whose process died', () => {
  it('are failed at the next start, with where they were and where they can go on', () => {
    const db = testRegistry()
    const [one, two, three, done] = [running(db), running(db), createRun(db, happy), running(db)]
    recordProgress(db, one.id, { step: 247, totalSteps: 600 })
    testCheckpoint(db, { runId: one.id, step: 200, isResumable: true })
    stopRun(db, two.id)
    endRun(db, done.id, { state: 'finished', endedAtMs: 1 })
    expect(
      markAbandonedRuns(db, 999).map(({ id, state, error, endedAtMs }) => ({ id, state, error, endedAtMs })),
    ).toEqual([
      {
        id: one.id,
        state: 'failed',
        endedAtMs: 999,
        error:
          'The studio or its compute process ended while this run was at update 247. Resume continues ' +
          'from update 200.',
      },
      {
        id: two.id,
        state: 'failed',
        endedAtMs: 999,
        error:
          'The studio or its compute process ended while this run was at update 0. It has no checkpoint ' +
          'yet: start it again.',
      },
    ])
    expect(runOf(db, done.id).state).toBe('finished')
    expect(runOf(db, three.id)).toMatchObject({ state: 'queued', turn: 1 }) // it waits still
    expect(markAbandonedRuns(db, 1000)).toEqual([])
  })
})

describe('resuming', () => {
  it('puts a run back at its newest checkpoint and takes out what it recorded after', () => {
    const db = testRegistry()
    const { id } = running(db)
    appendPoints(
      db,
      id,
      [10, 20, 30].map((step) => ({ name: 'loss/train', step, value: step })),
    )
    insertSamples(
      db,
      [10, 20, 30].map((step) => ({
        runId: id,
        step,
        prompt: '',
        completion: `at ${step}`,
        tokens: 2,
        hasEnded: true,
      })),
    )
    appendLog(db, id, [{ atMs: 1, level: 'info', text: 'Started.' }])
    testCheckpoint(db, { runId: id, step: 10, isResumable: true })
    testCheckpoint(db, { runId: id, step: 20, isResumable: true })
    recordProgress(db, id, { step: 30, totalSteps: 40, leftMs: 5 })
    endRun(db, id, { state: 'failed', endedAtMs: 3, error: 'It broke.' })
    expect(runOf(db, id)).toMatchObject({ resumableStep: 20, error: 'It broke.' })
    const again = requeueRun(db, id)
    expect(again).toMatchObject({ state: 'queued', step: 20, totalSteps: 40, startedAtMs: 200 })
    for (const gone of ['error', 'endedAtMs', 'leftMs']) expect(again).not.toHaveProperty(gone)
    expect(pointsSince(db, id, -1).map((each) => each.step)).toEqual([10, 20])
    expect(samplesOfRun(db, id).map((each) => each.step)).toEqual([10, 20])
    expect(logOf(db, id)).toHaveLength(1)
    expect(startRun(db, id, 900).startedAtMs).toBe(200)
  })

  it('is refused without a checkpoint, and while the run goes on or has finished', () => {
    const db = testRegistry()
    const { id } = running(db)
    expect(() => requeueRun(db, id)).toThrow('only a stopped or failed run can be resumed')
    endRun(db, id, { state: 'failed', endedAtMs: 1 })
    expect(() => requeueRun(db, id)).toThrow('no checkpoint to resume from')
  })
})

describe('a checkpoint', () => {
  it('has a row only once its files are on disk, in the registry’s folder', () => {
    const db = testRegistry()
    const row = {
      name: 'a',
      kind: 'language-model',
      step: 1,
      architecture: 'gpt',
      parameters: 1,
      contextTokens: 1,
      tokenizer: 't',
      bytes: 1,
      createdAtMs: 1,
    } as const
    expect(() => insertCheckpoint(db, { ...row, path: 'registry-checkpoints/missing.safetensors' })).toThrow(
      'is not on disk',
    )
    fs.mkdirSync(path.join(path.dirname(db.path), 'registry-checkpoints'))
    fs.writeFileSync(path.join(path.dirname(db.path), 'registry-checkpoints/here.safetensors'), '')
    expect(() =>
      insertCheckpoint(db, {
        ...row,
        path: 'registry-checkpoints/here.safetensors',
        resumePath: 'registry-checkpoints/missing.resume',
      }),
    ).toThrow('is not on disk')
    expect(() => insertCheckpoint(db, { ...row, path: import.meta.filename })).toThrow(
      'not in the registry’s folder',
    )
    expect(listCheckpoints(db)).toEqual([])
  })

  it('is found again after its registry’s folder was moved', () => {
    const db = testRegistry()
    const folder = path.dirname(db.path)
    const { id } = running(db)
    const checkpoint = testCheckpoint(db, { runId: id, step: 4, isResumable: true })
    expect(checkpoint).toEqual({
      id: 'checkpoint-1',
      name: 'at 4',
      kind: 'language-model',
      runId: id,
      step: 4,
      architecture: 'gpt',
      parameters: 800_000,
      contextTokens: 64,
      tokenizer: '89 characters',
      bytes: 7,
      licence: '',
      createdAtMs: 5,
    })
    expect(db.all('SELECT path FROM checkpoints')).toEqual([
      { path: `registry-checkpoints/${id}-4.safetensors` },
    ])
    const files = {
      path: path.join(folder, `registry-checkpoints/${id}-4.safetensors`),
      resumePath: path.join(folder, `registry-checkpoints/${id}-4.resume`),
    }
    expect(filesOfCheckpoint(db, checkpoint.id)).toEqual(files)
    expect(resumableCheckpoints(db, id)).toEqual([{ checkpoint, ...files }])
  })

  it('of a step that a run comes to again keeps its id', () => {
    const db = testRegistry()
    const { id } = running(db)
    const first = testCheckpoint(db, { runId: id, step: 4 })
    expect(testCheckpoint(db, { runId: id, step: 4, isResumable: true }).id).toBe(first.id)
    expect(listCheckpoints(db)).toHaveLength(1)
    expect(runOf(db, id).resumableStep).toBe(4)
  })

  it('that came with the studio belongs to no run, and there may be several', () => {
    const db = testRegistry()
    testCheckpoint(db)
    testCheckpoint(db)
    expect(listCheckpoints(db).map((each) => each.runId)).toEqual([undefined, undefined])
  })
})

describe('removing a run', () => {
  it('takes its points, samples, log and checkpoints with it and names the files that are left', () => {
    const db = testRegistry()
    const { id } = running(db)
    const other = running(db)
    for (const each of [id, other.id]) {
      appendPoints(db, each, [{ name: 'loss/train', step: 1, value: 2 }])
      insertSamples(db, [{ runId: each, step: 1, prompt: '', completion: 'x', tokens: 1, hasEnded: true }])
      appendLog(db, each, [{ atMs: 1, level: 'alarm', text: 'KL is high.' }])
    }
    testCheckpoint(db, { runId: id, step: 4, isResumable: true })
    const folder = path.join(path.dirname(db.path), 'registry-checkpoints')
    endRun(db, id, { state: 'finished', endedAtMs: 1 })
    expect(removeRun(db, id)).toEqual([
      path.join(folder, `${id}-4.safetensors`),
      path.join(folder, `${id}-4.resume`),
    ])
    expect(listRuns(db).map((each) => each.id)).toEqual([other.id])
    expect(
      db.get(
        'SELECT (SELECT count(*) FROM metric_points) AS points, (SELECT count(*) FROM samples) AS ' +
          'samples, (SELECT count(*) FROM log_lines) AS lines, (SELECT count(*) FROM checkpoints) AS ' +
          'checkpoints',
      ),
    ).toEqual({ points: 1, samples: 1, lines: 1, checkpoints: 0 })
  })

  it('is refused while it runs', () => {
    const db = testRegistry()
    expect(() => removeRun(db, running(db).id)).toThrow('its own training, which is running')
  })

  it('is refused while another run or a label queue stands on one of its checkpoints', () => {
    const db = testRegistry()
    const [base, queued] = [running(db), running(db)]
    for (const { id } of [base, queued]) endRun(db, id, { state: 'finished', endedAtMs: 1 })
    running(db, { policy: [testCheckpoint(db, { runId: base.id, step: 4 }).id] }, 'PPO')
    expect(() => removeRun(db, base.id)).toThrow('This run is used by the run “PPO” and stays.')
    const {
      queue: { id: _, datasetId: __, ...facts },
    } = testQueue(db)
    createQueue(db, { ...facts, checkpointId: testCheckpoint(db, { runId: queued.id, step: 1 }).id })
    expect(() => removeRun(db, queued.id)).toThrow('the label queue “Films”')
  })
})

describe('metric points', () => {
  it('come back after a step, NaN and infinity as they were', () => {
    const db = testRegistry()
    const [one, two] = [running(db), running(db)]
    const points: readonly MetricPoint[] = [
      { name: 'kl/text', step: 1, value: -1e-300 },
      { name: 'kl/text', step: 2, value: Infinity },
      { name: 'loss/train', step: 1, value: NaN },
      { name: 'loss/train', step: 2, value: 0.1 + 0.2 },
    ]
    appendPoints(db, one.id, points)
    appendPoints(db, two.id, [{ name: 'loss/train', step: 9, value: 1 }])
    expect(pointsSince(db, one.id, -1)).toEqual(points)
    expect(pointsSince(db, one.id, 1)).toEqual([points[1], points[3]])
    expect(pointsSince(db, one.id, 0, 1)).toEqual([points[0], points[2]])
  })

  it('of a step that is measured again are replaced, not doubled', () => {
    const db = testRegistry()
    const { id } = running(db)
    for (const value of [1, 2]) appendPoints(db, id, [{ name: 'loss/train', step: 5, value }])
    expect(pointsSince(db, id, -1)).toEqual([{ name: 'loss/train', step: 5, value: 2 }])
  })

  it('are 100,000 as they were written, and those since a step', () => {
    const db = testRegistry()
    const { id } = running(db)
    const names = [
      'loss/train',
      'loss/held-out',
      'optimizer/learning-rate',
      'optimizer/gradient-norm',
      'pace/tokens',
    ] as const
    for (let from = 0; from < 20_000; from += 500) {
      appendPoints(
        db,
        id,
        Array.from({ length: 500 }, (_, i) => from + i).flatMap((step) =>
          names.map((name) => ({ name, step, value: step / 7 })),
        ),
      )
    }
    expect(pointsSince(db, id, -1)).toHaveLength(100_000)
    expect(pointsSince(db, id, 19_989)).toHaveLength(50)
  })

  it.each([
    [1, 5],
    [5, 5],
    [6, 4],
    [1000, 100],
    [1001, 7],
    [3, 2],
  ])('%d of them are thinned to at most %d, first and newest among them', (points, count) => {
    const db = testRegistry()
    const { id } = running(db)
    appendPoints(
      db,
      id,
      Array.from({ length: points }, (_, i) => ({ name: 'loss/train', step: i + 1, value: i })),
    )
    const thinned = thinnedPoints(db, id, 'loss/train', count)
    expect(thinned.length).toBeLessThanOrEqual(count)
    expect(thinned.length).toBeGreaterThanOrEqual(Math.min(points, Math.ceil(count / 2)))
    expect([thinned[0]?.step, thinned.at(-1)?.step]).toEqual([1, points])
  })
})

describe('samples and log lines', () => {
  it('come back as they were stored, in their order', () => {
    const db = testRegistry()
    const { id } = running(db)
    const checkpoint = testCheckpoint(db, { runId: id, step: 2 })
    const stored = insertSamples(db, [
      {
        runId: id,
        step: 2,
        prompt: 'Write:',
        completion: 'good',
        tokens: 4,
        hasEnded: true,
        reward: 0.5,
        judge: -1,
      },
      {
        runId: id,
        checkpointId: checkpoint.id,
        step: 1,
        prompt: '',
        completion: '',
        tokens: 0,
        hasEnded: false,
      },
      {
        checkpointId: checkpoint.id,
        step: 2,
        prompt: '',
        completion: 'from Compare',
        tokens: 3,
        hasEnded: true,
      },
    ])
    expect(samplesOfRun(db, id)).toEqual([stored[1], stored[0]])
    expect(findSample(db, stored[2]!.id)).toEqual(stored[2])
    expect(findSample(db, 'sample-9')).toBeUndefined()
    const lines = [
      { atMs: 2, level: 'info', text: 'a' },
      { atMs: 1, level: 'error', text: 'b' },
    ] as const
    appendLog(db, id, lines)
    expect(logOf(db, id)).toEqual(lines)
  })
})
