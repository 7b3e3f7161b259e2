/** Runs whose reward asks someone outside: stopped while they wait, or left when the reward fails. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import type { RunInputs } from '../../src-shared/records/run'
import { executeRun } from '../../src-main/runs/execute-run'
import type { RunEvent } from '../../src-main/processes/messages'
import { recordRun } from '../../src-main/runs/run-recorder'
import { checkpointsOfRun, filesOfCheckpoint } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'
import type { WritableDb } from '../../src-main/store/handle'
import { pointsSince } from '../../src-main/store/metric-points'
import { createRun, requeueRun, runOf, startRun } from '../../src-main/store/runs'
import { chatServer, longer, type Asked } from '../helpers/chat-server'
import { testFolder } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { weightsIn } from '../helpers/tiny-runs'

const small = { updates: 3, maxTokens: 6, samplesEvery: 1, checkpointEvery: 100, warmupUpdates: 0 }
const recipes: readonly (readonly [RecipeName, SettingsValues, string])[] = [
  ['ppo', { completions: 8, minibatches: 2, epochs: 1, criticWarmup: 1 }, ', how=score'],
  ['grpo', { groups: 2, groupSize: 4 }, ''],
  ['trpo', { groups: 2, groupSize: 4 }, ''],
  ['rft', { groups: 2, groupSize: 4 }, ''],
  ['online-dpo', { groups: 4, groupSize: 2, minibatches: 1 }, ''],
  ['online-dpo', { groups: 4, second: 'reference', minibatches: 1 }, ''],
  ['nash-md', { groups: 4, minibatches: 1 }, ''],
]
const rewardsOf = (endpoint: string, more: string): string =>
  `judge-model(endpoint="${endpoint}", name="m", requestsPerMinute=60000, atOnce=1${more})`

async function registry(): Promise<{ readonly db: WritableDb; readonly inputs: RunInputs }> {
  const folder = testFolder()
  const policy = await tinyCheckpoint(folder)
  return { db: openRegistry(join(folder, 'registry.sqlite')), inputs: { policy: [policy.id] } }
}

function begun(db: WritableDb, recipe: RecipeName, settings: SettingsValues, inputs: RunInputs): string {
  const whole = { ...defaultsOf(recipeOf(recipe).fields), ...small, ...settings }
  const made = { device: 'cpu', threads: 1, programVersion: '0', createdAtMs: 0 }
  return createRun(db, { ...made, name: recipe, recipe, settings: whole, inputs }).id
}

async function runOn(
  db: WritableDb,
  runId: string,
  stop = new AbortController(),
  onEvent = (_event: RunEvent) => {},
): Promise<void> {
  startRun(db, runId, 1)
  const record = recordRun(db, runId, () => 1)
  const emit = (event: RunEvent) => {
    record([event])
    onEvent(event)
  }
  await executeRun({ registryPath: db.path, runId }, emit, stop.signal)
}

const lastWeights = (db: WritableDb, runId: string) =>
  weightsIn(filesOfCheckpoint(db, checkpointsOfRun(db, runId).at(-1)!.id).path)

/** Compares by length; scores by it, too. */
const byLength = (asked: Asked): string => {
  const [, answer] = /\nAnswer:\n(.*)\n\nHow/s.exec(asked.body.messages[1]!.content) ?? []
  return answer === undefined ? longer(asked) : `${Math.min(10, 1 + answer.length)}`
}

describe.each(recipes)('%s with a judge (%j)', (recipe, settings, more) => {
  it('stops at once while the judge is asked, keeps what it was, and goes on to the same weights', async () => {
    const { db, inputs } = await registry()
    let isSilent = false
    let onAsked = () => {}
    const { endpoint, asked } = await chatServer((one) => {
      onAsked()
      return isSilent ? undefined : byLength(one)
    })
    const rewards = rewardsOf(endpoint, more)
    const whole = begun(db, recipe, { ...settings, rewards }, inputs)
    await runOn(db, whole)
    expect(runOf(db, whole)).toMatchObject({ state: 'finished', step: 3 })
    const perUpdate = asked.length / 3

    const stopped = begun(db, recipe, { ...settings, rewards }, inputs)
    const stop = new AbortController()
    let times = 0
    onAsked = () => {
      if (++times <= perUpdate * 1.5) return
      isSilent = true // within the second rollout or at its latest the third, the judge says nothing more
      stop.abort()
    }
    await runOn(db, stopped, stop)
    const { state, step, resumableStep } = runOf(db, stopped)
    expect(state).toBe('stopped')
    expect(step).toBeGreaterThan(0)
    expect(resumableStep).toBe(step)
    await expect.poll(() => asked.at(-1)!.isGone()).toBe(true)

    isSilent = false
    onAsked = () => {}
    requeueRun(db, stopped)
    await runOn(db, stopped)
    expect(runOf(db, stopped)).toMatchObject({ state: 'finished', step: 3 })
    expect(await lastWeights(db, stopped)).toEqual(await lastWeights(db, whole))
    const names = new Set(pointsSince(db, whole, 0).map(({ name }) => name))
    expect(names).toContain('judge/tokens-read')
    db.close()
  }, 120_000)
})

describe('a run whose reward fails', () => {
  it('ends with the reason, and keeps what it had become', async () => {
    const { db, inputs } = await registry()
    let isOver = false
    const { endpoint } = await chatServer((one) =>
      isOver ? { status: 401, body: 'no more' } : byLength(one),
    )
    const settings = { groups: 2, groupSize: 4, rewards: rewardsOf(endpoint, '') }
    const run = begun(db, 'grpo', settings, inputs)
    await runOn(db, run, undefined, (event) => {
      if (event.kind === 'update') isOver = true
    })
    const { state, error, step, resumableStep } = runOf(db, run)
    // not as if the studio had broken
    expect(error).toMatch(/^The reward judge-model cannot score: .* refuses with 401/)
    expect(error).toMatch(/Training stopped before anything was learned from it\.$/)
    expect(state).toBe('failed')
    expect(step).toBeGreaterThan(0)
    expect(resumableStep).toBe(step)
    db.close()
  }, 60_000)
})
