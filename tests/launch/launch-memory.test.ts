import { describe, expect, it } from 'vitest'
import { defaultsOf, type SettingsValues } from '../../src-shared/fields'
import { type RecipeName, recipeOf, recipes } from '../../src-shared/recipes/recipes'
import { bytesText } from '../../src-shared/sizes'
import { bytesOf, runNeeds } from '../../src-main/launch/launch-memory'
import { memoryNeed } from '../../src-main/launch/memory-need'
import type { SizedRun } from '../../src-main/launch/sized-run'
import { seeded } from '../../src-main/maths/random'
import { createRewardModel } from '../../src-main/model/heads'
import { createLanguageModel } from '../../src-main/model/language-model'
import { gpt2Tokenizer } from '../../src-main/model/tokenizers/gpt2'

const GB = 1e9
const config = {
  architecture: 'gpt',
  layers: 12,
  heads: 12,
  width: 768,
  contextTokens: 1024,
  vocabulary: 50_257,
  isTied: true,
} as const
const gpt2 = { kind: 'language-model', config } as const

const run = (recipe: RecipeName, settings: SettingsValues, rest: Partial<SizedRun> = {}): SizedRun => ({
  recipe,
  settings: { ...defaultsOf(recipeOf(recipe).fields), ...settings },
  models: {},
  texts: {},
  characters: 96,
  threads: 1,
  ...rest,
})
const small = run('pretrain', {}, { texts: { texts: { rows: 2000, promptTokens: 0, tokens: 60 } } })
/** The settings of GPT-2's largest: a billion and a half parameters. */
const largest = run('pretrain', recipes.pretrain.presets.find(({ name }) => name === 'gpt2-xl')!.settings, {
  texts: { texts: { rows: 2000, promptTokens: 0, tokens: 600 } },
  threads: 2,
})
const fineTuning = run(
  'sft',
  { batchExamples: 64 },
  { models: { policy: gpt2 }, texts: { demonstrations: { rows: 2000, promptTokens: 20, tokens: 500 } } },
)

const machine = (gigabytes: number) => ({ totalBytes: gigabytes * GB, availableBytes: gigabytes * GB })

describe('what a run needs', () => {
  it('is the sum of its parts, and no problem where there is room', async () => {
    const needs = await runNeeds(small, memoryNeed, machine(24))
    expect(needs).toMatchObject({ machineBytes: 24 * GB, freeBytes: 24 * GB, problems: [] })
    expect(Object.values(needs.need).reduce((sum, bytes) => sum + bytes, 0)).toBe(needs.bytes)
    expect(needs.need.optimizer).toBe(2 * needs.need.gradients)
    expect(needs.need.parameters).toBe(needs.need.gradients)
  })

  it('grows with what is computed at once, and not with how long it runs', async () => {
    const activations = async (settings: SettingsValues) =>
      (await memoryNeed({ ...small, settings: { ...small.settings, ...settings } })).activations
    const plain = await activations({})
    expect(await activations({ updates: 10_000 })).toBe(plain)
    expect((await activations({ batchRows: 32 })) / plain).toBeCloseTo(0.5, 1)
    expect((await activations({ accumulation: 4 })) / plain).toBeLessThan(0.35)
    expect(await activations({ recompute: 'on' })).toBeLessThan(0.8 * plain)
  })

  it('is said of a batch too large to be rehearsed as it is, in proportion', async () => {
    const activations = async (batchRows: number) =>
      (await memoryNeed({ ...small, settings: { ...small.settings, batchRows } })).activations
    const whole = await activations(256)
    expect((await activations(512)) / whole).toBeCloseTo(2, 1)
    expect((await activations(4096)) / whole).toBeCloseTo(16, 0)
  })

  it('is no more than there are examples for', async () => {
    const of = async (rows: number, batchExamples: number) =>
      (
        await memoryNeed({
          ...fineTuning,
          models: { policy: { kind: 'language-model', config: { ...config, layers: 1, width: 96 } } },
          settings: { ...fineTuning.settings, batchExamples },
          texts: { demonstrations: { rows, promptTokens: 20, tokens: 500 } },
        })
      ).activations
    expect(await of(20, 4096)).toBe(await of(20, 20))
  })

  it('counts what models share once, and no moments of what is frozen', async () => {
    const whole = await memoryNeed(fineTuning)
    const adapter = await memoryNeed({ ...fineTuning, settings: { ...fineTuning.settings, adapter: 'lora' } })
    expect(whole.parameters / 4).toBeGreaterThan(124e6)
    expect(adapter.parameters / 4).toBeLessThan(126e6)
    expect(adapter.optimizer).toBeLessThan(0.02 * whole.optimizer)
  })
})

describe('a run with several reward models', () => {
  it('holds each of them', async () => {
    const shape = { ...config, layers: 1, heads: 2, width: 64, contextTokens: 32 }
    const scoring = { kind: 'reward-model', config: shape } as const
    const models = { policy: { kind: 'language-model', config: shape } as const, rewardModel: scoring }
    const settings = { completions: 4, minibatches: 1, maxTokens: 4 }
    const one = await memoryNeed(run('ppo', { ...settings, rewards: 'reward-model' }, { models }))
    const two = await memoryNeed(
      run(
        'ppo',
        { ...settings, rewards: 'reward-model + 0 * reward-model(model=2)' },
        { models: { ...models, rewardModel2: scoring } },
      ),
    )
    const { count } = createRewardModel(
      createLanguageModel(shape, gpt2Tokenizer(), seeded(1)),
      seeded(1),
    ).parameters
    expect(two.parameters - one.parameters).toBe(4 * count)
  })
})

describe('pairs that are longer than the model reads', () => {
  const short = {
    kind: 'language-model',
    config: { ...config, layers: 1, heads: 2, width: 8, contextTokens: 16 },
  } as const
  it.each([
    ['reward', 'base'],
    ['dpo', 'policy'],
    ['reference-free', 'policy'],
  ] as const)('are rehearsed as they are cut: %s', async (recipe, input) => {
    const texts = { pairs: { rows: 10, promptTokens: 4, tokens: 100 } }
    expect(bytesOf(await memoryNeed(run(recipe, {}, { models: { [input]: short }, texts })))).toBeGreaterThan(
      0,
    )
  })
})

describe('a run that would not fit', () => {
  /** "batchRows 12", "recompute on and batchRows 30" → the run with these settings. */
  const withChange = (of: SizedRun, words: string): SizedRun =>
    words.split(' and ').reduce((changed, each) => {
      const [field = '', value = ''] = each.split(' ')
      return {
        ...changed,
        settings: { ...changed.settings, [field]: Number.isNaN(Number(value)) ? value : Number(value) },
      }
    }, of)
  const waysIn = (problem: string) => /It fits with (.*)\.$/.exec(problem)?.[1]?.split(/, | or /) ?? []

  it.each([
    ['pretraining', small, 0.35],
    ['pretraining a large model', largest, 24],
    ['fine-tuning', fineTuning, 8],
  ] as const)(
    'is refused with the numbers, and three settings that each make it fit: %s',
    { timeout: 60_000 },
    async (_, sized, gigabytes) => {
      const { problems, bytes } = await runNeeds(sized, memoryNeed, machine(gigabytes))
      expect(problems).toHaveLength(1)
      const [{ field, problem }] = problems as [(typeof problems)[0]]
      expect(problem).toMatch(
        /^The run needs about [\d.]+ [GM]B, [\d.]+ [GM]B of it for (activations|everything around them); this machine has [\d.]+ [GM]B\. It fits with /,
      )
      expect(problem).toContain(`needs about ${bytesText(bytes)}`)
      const ways = waysIn(problem)
      expect(ways).toHaveLength(3)
      expect(ways[0]).toContain(field)
      for (const way of ways) {
        expect(recipeOf(sized.recipe).fields).toHaveProperty(way.split(' ')[0] as string)
        expect(bytesOf(await memoryNeed(withChange(sized, way))), way).toBeLessThanOrEqual(
          0.9 * gigabytes * GB,
        )
      }
    },
  )

  it('says so when no single setting helps', async () => {
    const { problems } = await runNeeds(fineTuning, memoryNeed, machine(0.2))
    expect(problems[0]?.problem).toMatch(/No single setting makes it fit: choose a smaller model\.$/)
  })
})
