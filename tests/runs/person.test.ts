/** A run that asks a person: it waits, goes on with what was said, and never asks the same twice. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { executeRun } from '../../src-main/runs/execute-run'
import { recordRun } from '../../src-main/runs/run-recorder'
import { checkpointsOfRun, filesOfCheckpoint } from '../../src-main/store/checkpoints'
import { openRegistry } from '../../src-main/store/database'
import type { WritableDb } from '../../src-main/store/handle'
import { answerLive, liveQuestions, undoLive } from '../../src-main/store/live-questions'
import { pointsSince } from '../../src-main/store/metric-points'
import { createRun, requeueRun, runOf, startRun } from '../../src-main/store/runs'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import type { LiveQuestion } from '../../src-shared/records/live'
import type { RunInputs } from '../../src-shared/records/run'
import { recipeOf, type RecipeName } from '../../src-shared/recipes/recipes'
import { testFolder } from '../helpers/registry'
import { tinyCheckpoint } from '../helpers/tiny-model'
import { weightsIn } from '../helpers/tiny-runs'

const small = { updates: 2, maxTokens: 6, samplesEvery: 1, checkpointEvery: 100, warmupUpdates: 0 }

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

/** What the scripted person says: a longer text is better. */
const opinion = ({ how, completions: [first = '', second = ''] }: LiveQuestion): number =>
  how === 'rate' ? Math.min(5, 1 + first.length) : Math.sign(first.length - second.length)

interface Scripted {
  /** Every question that was open when the person looked, once each. */
  readonly seen: Set<string>
  readonly stop: AbortController
  /** Says something to an open question, or does something else. */
  readonly act: (question: LiveQuestion) => void
}

/** Runs a queued run beside a person who looks every few milliseconds. */
async function runBeside(db: WritableDb, runId: string, { seen, stop, act }: Scripted): Promise<void> {
  startRun(db, runId, 1)
  const record = recordRun(db, runId, () => 1)
  const look = setInterval(() => {
    const question = liveQuestions(db, runId).find(({ answer }) => answer === undefined)
    if (!question || !runOf(db, runId).waits) return
    seen.add(question.id)
    act(question)
  }, 2)
  try {
    await executeRun({ registryPath: db.path, runId }, (event) => record([event]), stop.signal)
  } finally {
    clearInterval(look)
  }
}

const answers = (db: WritableDb, runId: string) => (question: LiveQuestion) =>
  answerLive(db, runId, { questionId: question.id, answer: opinion(question) }, 5)

const lastWeights = (db: WritableDb, runId: string) =>
  weightsIn(filesOfCheckpoint(db, checkpointsOfRun(db, runId).at(-1)!.id).path)

const recipes: readonly (readonly [RecipeName, SettingsValues])[] = [
  ['ppo', { completions: 8, minibatches: 2, epochs: 1, criticWarmup: 0, rewards: 'person' }],
  ['grpo', { groups: 2, groupSize: 4, rewards: 'person' }],
  ['online-dpo', { groups: 4, groupSize: 2, minibatches: 1, rewards: 'person(how=compare)' }],
]

describe.each(recipes)('%s with a person %j', (recipe, settings) => {
  it('waits for every answer, learns from them, and asks nothing again when it is stopped and resumed', async () => {
    const { db, inputs } = await registry()
    const whole = begun(db, recipe, settings, inputs)
    const all = new Set<string>()
    await runBeside(db, whole, { seen: all, stop: new AbortController(), act: answers(db, whole) })
    expect(runOf(db, whole)).toMatchObject({ state: 'finished', step: 2 })
    expect(all.size).toBeGreaterThan(3)
    if (settings['rewards'] === 'person') {
      const mean = pointsSince(db, whole, 0).find(
        ({ name, step }) => name === 'reward/mean' && step === 1,
      )!.value
      expect(mean).toBeGreaterThan(1)
      expect(mean).toBeLessThanOrEqual(5)
    }

    // the same run, stopped after three answers: before its first update, so with no checkpoint
    const stopped = begun(db, recipe, settings, inputs)
    const seen = new Set<string>()
    const stop = new AbortController()
    let given = 0
    await runBeside(db, stopped, {
      seen,
      stop,
      act: (question) => {
        if (given++ < 3) answers(db, stopped)(question)
        else stop.abort()
      },
    })
    expect(runOf(db, stopped)).toMatchObject({ state: 'stopped', step: 0, resumableStep: 0 })
    expect(runOf(db, stopped).waits).toBeUndefined()
    const before = liveQuestions(db, stopped).filter(({ answer }) => answer !== undefined)
    expect(before).toHaveLength(3)

    requeueRun(db, stopped)
    const later = new Set<string>()
    await runBeside(db, stopped, { seen: later, stop: new AbortController(), act: answers(db, stopped) })
    expect(runOf(db, stopped)).toMatchObject({ state: 'finished', step: 2 })
    for (const { id } of before) expect(later).not.toContain(id)
    expect(await lastWeights(db, stopped)).toEqual(await lastWeights(db, whole))
    db.close()
  }, 120_000)
})

describe('the questions of a run', () => {
  const rate = (completion: string) => ({ how: 'rate', prompt: 'p', completions: [completion] }) as const

  it('say how far they are answered, take an answer back, and refuse what is none', async () => {
    const { db, inputs } = await registry()
    const { askLive } = await import('../../src-main/store/live-questions')
    const run = begun(db, 'ppo', { rewards: 'person' }, inputs)
    startRun(db, run, 1)
    askLive(db, run, [rate('a'), rate('b')], 7)
    expect(runOf(db, run).waits).toEqual({ given: 0, of: 2, sinceMs: 7 })
    const [first, second] = liveQuestions(db, run)
    answerLive(db, run, { questionId: first!.id, answer: 4 }, 8)
    expect(runOf(db, run).waits).toMatchObject({ given: 1, of: 2 })
    expect(undoLive(db, run, undefined, 9)).toBe(true)
    expect(undoLive(db, run, undefined, 9)).toBe(false)
    expect(runOf(db, run).waits).toMatchObject({ given: 0, of: 2 })
    expect(() => answerLive(db, run, { questionId: first!.id, answer: 6 }, 9)).toThrow(
      'must be one of 1, 2, 3, 4, 5',
    )
    expect(() => answerLive(db, run, { questionId: '99', answer: 5 }, 9)).toThrow('no question of this run')
    answerLive(db, run, { questionId: first!.id, answer: 2 }, 10)
    answerLive(db, run, { questionId: second!.id, answer: 3 }, 10)
    expect(runOf(db, run).waits).toBeUndefined()
    // the next rollout: one text is old and answered, one is new
    askLive(db, run, [rate('b'), rate('c')], 11)
    expect(runOf(db, run).waits).toMatchObject({ given: 1, of: 2 })
    expect(liveQuestions(db, run).map(({ completions, answer }) => [completions[0], answer])).toEqual([
      ['b', 3],
      ['c', undefined],
    ])
    db.close()
  })
})
