/** A run as a project for TRL: the same run there, by TRL's own trainers. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import type { MetricName } from '../../src-shared/metrics'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import { clusterPython, whyNoCluster } from '../helpers/ray-cluster'
import { testFolder } from '../helpers/registry'
import { skipped } from '../helpers/skipping'
import { testStudio } from '../helpers/test-studio'
import { ended, imported, shown, tinyPretraining } from '../helpers/tiny-runs'

const timeout = 400_000
const tiny: SettingsValues = {
  epochs: 2,
  warmupUpdates: 3,
  checkpointEvery: 100,
  weightDecay: 0.1,
  learningRate: 1e-3,
  seed: 7,
}

/** What TRL says of each update. */
function learned(folder: string): readonly Readonly<Partial<Record<MetricName, number>>>[] {
  const program = 'import json, train; train.learn(json.load(open("settings.json")))'
  const said = execFileSync(clusterPython, ['-c', program], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, HF_HUB_OFFLINE: '1', TRANSFORMERS_OFFLINE: '1', OMP_NUM_THREADS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return said
    .split('\n')
    .filter((line) => line.startsWith('{"'))
    .map((line) => JSON.parse(line))
}

/** A studio with a language model that has learned a little. */
async function aStudio() {
  const studio = await testStudio()
  const launched = async (
    recipe: RecipeName,
    inputs: Readonly<Record<string, readonly string[]>>,
    settings: SettingsValues,
  ): Promise<string> => {
    const { id } = await studio.ask('runs.launch', { recipe, settings, inputs, device: 'cpu', threads: 1 })
    expect((await ended(studio, id)).run.error).toBeUndefined()
    return id
  }
  const texts = await imported(studio, 'texts.txt')
  const first = await launched('pretrain', { texts: [texts.id] }, tinyPretraining)
  const start = [(await shown(studio, first)).checkpoints!.at(-1)!.id]
  return {
    ...studio,
    finished: (recipe: RecipeName, inputs: Readonly<Record<string, string>>, settings: SettingsValues) =>
      launched(
        recipe,
        {
          ...Object.fromEntries(Object.entries(inputs).map(([name, id]) => [name, [id]])),
          [recipe === 'reward' ? 'base' : 'policy']: start,
        },
        { ...tiny, ...settings },
      ),
    project: async (runId: string): Promise<string> =>
      (await studio.ask('runs.project', { runId, folder: testFolder(), workers: 1, useGpu: false })).folder,
  }
}

describe.skipIf(whyNoCluster)(`a run as a project for TRL${skipped(whyNoCluster)}`, () => {
  it.each([
    {
      recipe: 'sft',
      input: 'demonstrations',
      file: 'labelled.jsonl',
      settings: { label: '1', batchExamples: 5, heldOutFraction: 0.2 },
      metric: 'loss/train',
    },
    {
      recipe: 'dpo',
      input: 'pairs',
      file: 'pairs.jsonl',
      settings: { batchPairs: 5, heldOutFraction: 0.2 },
      metric: 'loss/preference',
    },
    {
      recipe: 'sft',
      input: 'demonstrations',
      file: 'labelled.jsonl',
      settings: { label: '1', batchExamples: 6, accumulation: 2, trainOn: 'prompt-and-completion' },
      metric: 'loss/train',
    },
  ] as const)(
    'by $recipe has the losses of the run within 1e-4, update by update',
    async ({ recipe, input, file, settings, metric }) => {
      const studio = await aStudio()
      const { id } = await imported(studio, file)
      const runId = await studio.finished(recipe, { [input]: id }, settings)
      const ours = (await shown(studio, runId)).points!.filter(({ name }) => name === metric)
      const theirs = learned(await studio.project(runId)).filter((values) => metric in values)
      expect(theirs.length).toBe(ours.length)
      expect(ours.length).toBeGreaterThan(5)
      for (const [index, { value }] of ours.entries())
        expect(Math.abs(theirs[index]![metric]! - value), `update ${index + 1}`).toBeLessThan(1e-4)
    },
    timeout,
  )

  it(
    'by DPO with LoRA, KTO and a reward model trains and leaves its model',
    async () => {
      const studio = await aStudio()
      const { id } = await imported(studio, 'pairs.jsonl')
      const runs = [
        ['dpo', 'pairs', { batchPairs: 8, adapter: 'lora' }],
        ['kto', 'examples', { batchExamples: 8 }],
        ['reward', 'pairs', { batchPairs: 8 }],
      ] as const
      for (const [recipe, input, settings] of runs) {
        const folder = await studio.project(await studio.finished(recipe, { [input]: id }, settings))
        expect(learned(folder).length, recipe).toBeGreaterThan(3)
        const file = recipe === 'dpo' ? 'adapter_model.safetensors' : 'model.safetensors'
        expect(existsSync(join(folder, 'trained', file)), recipe).toBe(true)
        expect(JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'))).toMatchObject({ recipe })
      }
    },
    timeout,
  )

  it(
    'by GRPO and RLOO draws from the model, and a reward model scores what it wrote',
    async () => {
      const studio = await aStudio()
      const { id: pairs } = await imported(studio, 'pairs.jsonl')
      const { id: prompts } = await imported(studio, 'prompts.jsonl')
      const rewardRun = await studio.finished('reward', { pairs }, { batchPairs: 8 })
      const rewardModel = (await shown(studio, rewardRun)).checkpoints!.at(-1)!.id
      const drawn = {
        rewards: 'reward-model',
        groups: 2,
        groupSize: 4,
        updates: 3,
        maxTokens: 8,
        minibatches: 1,
      }
      for (const way of [
        { advantage: 'group', importance: 'token', klBeta: 0 },
        { advantage: 'leave-one-out', importance: 'text', klBeta: 0.1, klForm: 'reward' },
      ]) {
        const settings = { ...drawn, ...way, noEndPenalty: 0, epochs: 1 }
        const runId = await studio.finished('grpo', { rewardModel, prompts }, settings)
        const said = learned(await studio.project(runId))
        expect(said.filter((values) => 'reward/mean' in values)).toHaveLength(3)
      }
    },
    timeout,
  )

  it(
    'is refused by name where TRL has nothing for a setting',
    async () => {
      const studio = await aStudio()
      const { id } = await imported(studio, 'pairs.jsonl')
      const runId = await studio.finished('dpo', { pairs: id }, { batchPairs: 8, margin: 2 })
      await expect(studio.project(runId)).rejects.toThrow(/margin/i)
    },
    timeout,
  )
})
