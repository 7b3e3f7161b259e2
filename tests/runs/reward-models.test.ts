/** A run with several reward models: each a checkpoint of its own, a weight of its own and a curve of its own. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executeRun } from '../../src-main/runs/execute-run'
import { recordRun } from '../../src-main/runs/run-recorder'
import { checkpointsOfRun, filesOfCheckpoint } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'
import type { WritableDb } from '../../src-main/store/handle'
import { pointsSince } from '../../src-main/store/metric-points'
import { removeCheckpoint } from '../../src-main/store/remove-checkpoint'
import { createRun, requeueRun, runOf, startRun } from '../../src-main/store/runs'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import type { RunInputs } from '../../src-shared/records/run'
import type { MetricName } from '../../src-shared/metrics'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import { testFolder } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { weightsIn } from '../helpers/tiny-runs'

const made = { device: 'cpu', threads: 1, programVersion: '0', createdAtMs: 0 }
const small: SettingsValues = {
  rewards: 'reward-model + -0.5 * reward-model(model=2) + 0 * reward-model(model=3)',
  ...{ updates: 2, maxTokens: 6, samplesEvery: 100, checkpointEvery: 100, warmupUpdates: 0 },
}
const ofGroups = { groups: 4, groupSize: 4 }
const recipes: readonly (readonly [RecipeName, SettingsValues])[] = [
  ['ppo', { completions: 16, minibatches: 2, epochs: 1, criticWarmup: 1 }],
  ['grpo', ofGroups],
  ['rft', ofGroups],
  ['online-dpo', { ...ofGroups, minibatches: 2 }],
]

/** A registry with a policy that writes all sorts of texts, and three reward models that say different things. */
async function registry(): Promise<{ readonly db: WritableDb; readonly inputs: RunInputs }> {
  const folder = testFolder()
  const policy = await tinyCheckpoint(folder, { spread: 20 })
  const rewards: string[] = []
  for (const seed of [2, 3, 4])
    rewards.push((await tinyCheckpoint(folder, { kind: 'reward-model', seed, spread: 20 })).id)
  const [first, second, third] = rewards as [string, string, string]
  return {
    db: openRegistry(join(folder, 'registry.sqlite')),
    inputs: { policy: [policy.id], rewardModel: [first], rewardModel2: [second], rewardModel3: [third] },
  }
}

function begun(db: WritableDb, recipe: RecipeName, settings: SettingsValues, inputs: RunInputs): string {
  const whole = { ...defaultsOf(recipeOf(recipe).fields), ...settings }
  return createRun(db, { ...made, name: recipe, recipe, settings: whole, inputs }).id
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

/** The stored value of each metric after an update. */
function valuesOf(db: WritableDb, runId: string, step: number): (name: MetricName) => number {
  const points = pointsSince(db, runId, 0).filter((point) => point.step === step)
  return (name) => points.find((point) => point.name === name)?.value ?? NaN
}

const lastWeights = (db: WritableDb, runId: string) =>
  weightsIn(filesOfCheckpoint(db, checkpointsOfRun(db, runId).at(-1)!.id).path)

describe.each(recipes)('%s with three reward models', (recipe, settings) => {
  it('learns from the weighted sum of two, watches the third, and draws a curve of each', async () => {
    const { db, inputs } = await registry()
    const run = begun(db, recipe, { ...small, ...settings }, inputs)
    await runToEnd(db, run)
    expect(runOf(db, run)).toMatchObject({ state: 'finished', inputs })
    const value = valuesOf(db, run, 1)
    const [first, second, third] = [
      value('reward/reward-model'),
      value('reward/reward-model-2'),
      value('reward/reward-model-3'),
    ]
    expect(new Set([first, second, third].map((each) => each.toFixed(4))).size).toBe(3)
    expect(value('reward/mean')).toBeCloseTo(first - 0.5 * second, 5)
    expect(value('reward/judge')).toBeCloseTo(third, 6)

    // the same models the other way round: the curves follow the checkpoints, not the order
    const { rewardModel, rewardModel2, ...others } = inputs
    const swapped = begun(
      db,
      recipe,
      { ...small, ...settings },
      { ...others, rewardModel: rewardModel2!, rewardModel2: rewardModel! },
    )
    await runToEnd(db, swapped)
    expect(valuesOf(db, swapped, 1)('reward/reward-model-2')).toBeCloseTo(first, 5)
    expect(await lastWeights(db, swapped)).not.toEqual(await lastWeights(db, run))
    db.close()
  }, 120_000)
})

describe('a run with several reward models', () => {
  it('goes on to the same weights after it was stopped, and keeps its models from being removed', async () => {
    const { db, inputs } = await registry()
    const settings = { ...small, ...ofGroups, updates: 4 }
    const whole = begun(db, 'grpo', settings, inputs)
    await runToEnd(db, whole)
    const stopped = begun(db, 'grpo', settings, inputs)
    await runToEnd(db, stopped, 2)
    expect(runOf(db, stopped)).toMatchObject({ state: 'stopped', step: 2 })
    requeueRun(db, stopped)
    await runToEnd(db, stopped)
    expect(await lastWeights(db, stopped)).toEqual(await lastWeights(db, whole))
    for (const [watched] of [inputs['rewardModel2']!, inputs['rewardModel3']!])
      expect(() => removeCheckpoint(db, watched!)).toThrow('grpo')
    db.close()
  }, 120_000)
})
