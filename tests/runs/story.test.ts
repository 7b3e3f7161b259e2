/** The main job over the wire, as a page does it: import, train, label, reward model, PPO, compare. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Run } from '../../src-shared/records/run'
import type { SettingsValues } from '../../src-shared/fields'
import { startStudio, type HeadlessStudio } from '../helpers/headless-studio'
import { testFolder } from '../helpers/registry'
import { testStudio, type Asking } from '../helpers/test-studio'
import { ended, imported, tinyPretraining, until, weightsIn } from '../helpers/tiny-runs'

type Recipe = Run['recipe']

async function trained(
  studio: Asking,
  recipe: Recipe,
  settings: SettingsValues,
  inputs: Run['inputs'],
): Promise<{ readonly run: Run; readonly checkpointId: string }> {
  const launched = await studio.ask('runs.launch', {
    recipe,
    settings,
    inputs: inputs as Record<string, string[]>,
  })
  const { run } = await ended(studio, launched.id)
  expect(run).toMatchObject({ state: 'finished', step: run.totalSteps, resumableStep: run.totalSteps })
  const { checkpoints } = await studio.ask('runs.show', { runId: run.id })
  return { run, checkpointId: checkpoints.at(-1)!.id }
}

const sftSettings = { epochs: 1, batchExamples: 8, checkpointEvery: 100, samplesEvery: 100, warmupUpdates: 1 }
const rewardSettings = { epochs: 1, batchPairs: 8, checkpointEvery: 100, warmupUpdates: 1 }
const ppoSettings = {
  updates: 3,
  criticWarmup: 1,
  completions: 8,
  maxTokens: 12,
  minibatches: 2,
  epochs: 2,
  checkpointEvery: 2,
  samplesEvery: 2,
  warmupUpdates: 1,
}
const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 5 }

async function metricsOf(studio: HeadlessStudio, runId: string): Promise<ReadonlySet<string>> {
  const updates = await studio.follow(
    'runs.watch',
    { runId, sinceStep: -1 },
    ({ points }) => points !== undefined,
  )
  return new Set(updates.flatMap(({ points }) => points ?? []).map(({ name }) => name))
}

describe('the main job', () => {
  it('runs from import to comparison', async () => {
    const folder = testFolder()
    const studio = await startStudio(join(folder, 'registry.sqlite'))
    const [texts, labelled, pairs, prompts] = [
      await imported(studio, 'texts.txt'),
      await imported(studio, 'labelled.jsonl'),
      await imported(studio, 'pairs.jsonl'),
      await imported(studio, 'prompts.jsonl'),
    ]
    expect([texts.kind, labelled.kind, pairs.kind, prompts.kind]).toEqual([
      'text',
      'labelled',
      'preferences',
      'prompts',
    ])

    const base = await trained(studio, 'pretrain', tinyPretraining, { texts: [texts.id] })
    const sft = await trained(
      studio,
      'sft',
      { ...sftSettings, label: '1' },
      { policy: [base.checkpointId], demonstrations: [labelled.id] },
    )
    expect([base.run.name, sft.run.name]).toEqual(['base-01', 'sft-01'])

    const queue = await studio.ask('labels.create', {
      name: 'Mine',
      checkpointId: sft.checkpointId,
      promptDatasetId: prompts.id,
      sampling,
      goal: 10,
      guidance: '',
    })
    for (let judged = 0; judged < 10; judged++) {
      await studio.follow('labels.watch', { queueId: queue.id }, ({ ahead }) => ahead > 0)
      const [next] = await studio.ask('labels.next', { queueId: queue.id, count: 1, holding: [] })
      await studio.ask('labels.judge', {
        comparisonId: next!.id,
        holding: [],
        verdict: next!.left.text < next!.right.text ? 'left' : 'right',
      })
    }

    const reward = await trained(studio, 'reward', rewardSettings, {
      base: [sft.checkpointId],
      pairs: [pairs.id, queue.datasetId],
    })
    expect(await metricsOf(studio, reward.run.id)).toContain('accuracy/held-out')
    const ppo = await trained(studio, 'ppo', ppoSettings, {
      policy: [sft.checkpointId],
      rewardModel: [reward.checkpointId],
      prompts: [prompts.id],
    })
    const lexicon = await trained(
      studio,
      'ppo',
      { ...ppoSettings, rewards: 'lexicon + 0 * wink' },
      { policy: [sft.checkpointId] },
    )
    expect([ppo.run.name, lexicon.run.name]).toEqual(['ppo-01', 'ppo-02'])
    expect([...(await metricsOf(studio, ppo.run.id))]).toEqual(
      expect.arrayContaining(['reward/mean', 'reward/judge', 'kl/text', 'policy/ratio', 'pace/tokens']),
    )

    const pieces = await studio.follow('samples.generate', {
      prompt: 'the film:',
      leftCheckpointId: sft.checkpointId,
      rightCheckpointId: ppo.checkpointId,
      sampling,
    })
    expect(
      pieces
        .filter(({ end }) => end)
        .map(({ side }) => side)
        .sort(),
    ).toEqual(['left', 'right'])
    const [listed] = await studio.follow('runs.changes', {}, () => true)
    const ends = listed!.trends.map(({ runId, steps }) => [runId, steps[0], steps.at(-1)])
    expect(ends).toContainEqual([base.run.id, 1, 30])
    expect(ends).toContainEqual([ppo.run.id, 1, 3])

    // Only the two newest states to resume from are kept; the weights of every checkpoint are.
    const files = readdirSync(join(folder, 'registry-checkpoints', base.run.id)).sort()
    expect(files).toEqual([
      'update-000010.safetensors',
      'update-000020.resume.safetensors',
      'update-000020.safetensors',
      'update-000030.resume.safetensors',
      'update-000030.safetensors',
    ])
    expect(await studio.end()).toBe(0)
  }, 180_000)
})

describe('runs in a line', () => {
  it('train one after the other in the order they came', async () => {
    const studio = await testStudio()
    const inputs = { texts: [(await imported(studio, 'texts.txt')).id] }
    const launch = () => studio.ask('runs.launch', { recipe: 'pretrain', settings: tinyPretraining, inputs })
    const [first, second, third] = [await launch(), await launch(), await launch()]
    expect([first.state, second.state, third.state]).toEqual(['running', 'queued', 'queued'])
    await studio.ask('runs.stop', { runId: second.id })
    const [a, b, c] = [
      (await ended(studio, first.id)).run,
      (await ended(studio, second.id)).run,
      (await ended(studio, third.id)).run,
    ]
    expect([a.state, b.state, c.state]).toEqual(['finished', 'stopped', 'finished'])
    expect(b.startedAtMs).toBeUndefined()
    expect(c.startedAtMs).toBeGreaterThanOrEqual(a.endedAtMs!)
  }, 120_000)

  it('take wrong settings no further than the form', async () => {
    const studio = await testStudio()
    await studio.ask('devices.list', {})
    const wrong = { recipe: 'pretrain', settings: { layers: 99 }, inputs: {} } as const
    await studio.ask('runs.check', wrong)
    const before = studio.pids.length
    const answer = await studio.api.call('runs.launch', wrong)
    expect(answer).toEqual({
      ok: false,
      error: {
        kind: 'refused-settings',
        problems: [
          { field: 'layers', problem: 'must be between 1 and 48 blocks' },
          { field: 'texts', problem: 'Choose a dataset.' },
        ],
      },
    })
    expect(await studio.ask('runs.list', {})).toEqual([])
    expect(studio.pids).toHaveLength(before) // those that looked up the devices and checked
  })
})

describe('a run that is stopped', () => {
  it.each<[Recipe, SettingsValues]>([
    ['pretrain', { ...tinyPretraining, updates: 1000, checkpointEvery: 2000 }],
    ['ppo', { ...ppoSettings, updates: 40, rewards: 'lexicon + 0 * wink', checkpointEvery: 1000 }],
  ])(
    'saves where it stands, and %s resumed ends with the weights of a run that was not stopped',
    async (recipe, settings) => {
      const folder = testFolder()
      const studio = await testStudio({ folder })
      const texts = [(await imported(studio, 'texts.txt')).id]
      const inputs =
        recipe === 'pretrain'
          ? { texts }
          : {
              policy: [(await trained(studio, 'pretrain', tinyPretraining, { texts })).checkpointId],
              prompts: [(await imported(studio, 'prompts.jsonl')).id],
            }
      const whole = await trained(studio, recipe, settings, inputs)

      const { id: runId } = await studio.ask('runs.launch', { recipe, settings, inputs })
      await until(studio, runId, recipe === 'ppo' ? 2 : 20)
      await studio.ask('runs.stop', { runId })
      const stopped = (await ended(studio, runId)).run
      expect(stopped).toMatchObject({ state: 'stopped', resumableStep: stopped.step })
      expect(stopped.step).toBeLessThan(stopped.totalSteps)
      await studio.ask('runs.resume', { runId })
      expect((await ended(studio, runId)).run).toMatchObject({ state: 'finished', step: whole.run.step })
      const weights = (run: string) =>
        weightsIn(
          join(
            folder,
            'registry-checkpoints',
            run,
            `update-${String(whole.run.step).padStart(6, '0')}.safetensors`,
          ),
        )
      expect(await weights(runId)).toEqual(await weights(whole.run.id))
    },
    180_000,
  )

  it('is ended without saving when it is asked twice, and can be removed with its files', async () => {
    const folder = testFolder()
    const studio = await testStudio({ folder })
    const settings = {
      ...tinyPretraining,
      width: 64,
      heads: 4,
      layers: 4,
      contextTokens: 128,
      batchRows: 64,
      updates: 100_000,
      checkpointEvery: 3,
    }
    const { id: runId } = await studio.ask('runs.launch', {
      recipe: 'pretrain',
      settings,
      inputs: { texts: [(await imported(studio, 'texts.txt')).id] },
    })
    await until(studio, runId, 4)
    await expect(studio.ask('runs.remove', { runId })).rejects.toThrow(
      'This run is used by its own training, which is running and stays.',
    )
    await Promise.all([studio.ask('runs.stop', { runId }), studio.ask('runs.stop', { runId })])
    expect((await ended(studio, runId)).run).toMatchObject({ state: 'stopped' })
    await studio.ask('runs.remove', { runId })
    expect(await studio.ask('runs.list', {})).toEqual([])
    expect(await studio.ask('checkpoints.list', {})).toEqual([])
    expect(
      readdirSync(join(folder, 'registry-checkpoints', runId)).filter((file) =>
        file.endsWith('.safetensors'),
      ),
    ).toEqual([])
  }, 120_000)
})

describe('a studio that is ended', () => {
  it('saves the run under way first', async () => {
    const folder = testFolder()
    const first = await startStudio(join(folder, 'registry.sqlite'))
    const { id: runId } = await first.ask('runs.launch', {
      recipe: 'pretrain',
      settings: { ...tinyPretraining, updates: 5000, checkpointEvery: 5000 },
      inputs: { texts: [(await imported(first, 'texts.txt')).id] },
    })
    await until(first, runId, 10)
    expect(await first.end()).toBe(0)
    const second = await startStudio(join(folder, 'registry.sqlite'))
    const { run } = await second.ask('runs.show', { runId })
    expect(run).toMatchObject({ state: 'stopped', resumableStep: run.step })
    expect(
      existsSync(
        join(
          folder,
          'registry-checkpoints',
          runId,
          `update-${String(run.step).padStart(6, '0')}.resume.safetensors`,
        ),
      ),
    ).toBe(true)
    expect(await second.end()).toBe(0)
  }, 120_000)
})

describe('a run whose loss becomes not-a-number', () => {
  it('fails in words and keeps its last checkpoint', async () => {
    const studio = await testStudio()
    const { id: runId } = await studio.ask('runs.launch', {
      recipe: 'pretrain',
      settings: {
        ...tinyPretraining,
        updates: 400,
        learningRate: 1,
        clipNorm: 1000,
        warmupUpdates: 0,
        checkpointEvery: 1,
        weightDecay: 10,
      },
      inputs: { texts: [(await imported(studio, 'texts.txt')).id] },
    })
    const { run } = await ended(studio, runId)
    expect(run).toMatchObject({ state: 'failed', resumableStep: run.step })
    expect(run.step).toBeGreaterThan(0)
    expect(run.error).toMatch(
      /^The (loss|gradient norm) became (NaN|-?Infinity) at update \d+; the update was not applied\. Training stopped itself before the bad weights were kept: lower the learning rate or the gradient clip\.$/,
    )
  }, 120_000)
})
