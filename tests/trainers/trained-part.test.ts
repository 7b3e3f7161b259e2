import { describe, expect, it } from 'vitest'
import { trainedPart, type Parameters as ModelParameters } from '../../src-main/compute/parameters'
import { seeded } from '../../src-main/maths/random'
import { generate } from '../../src-main/model/writing/generation'
import { createLanguageModel } from '../../src-main/model/language-model'
import type { LanguageModel, Model } from '../../src-main/model/model'
import { trainCharacterTokenizer } from '../../src-main/model/tokenizers/character'
import type { Reward } from '../../src-main/rewards/reward'
import { trainPpo } from '../../src-main/trainers/ppo'
import { openPpoUpdates, startingModels } from '../../src-main/trainers/ppo-update'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { trainSft } from '../../src-main/trainers/sft'
import { checkTrainedPart } from '../../src-main/trainers/trained-part'
import { ppoSettings, rewardSettings, rewardedBy, run, sftSettings, testEngine, valuesOf } from './tiny'

const letters = 'abcdefgh?'
/** Two blocks, so that one of them can be frozen. */
function model(seed = 1): LanguageModel {
  const tokenizer = trainCharacterTokenizer([letters])
  return createLanguageModel(
    {
      architecture: 'gpt',
      layers: 2,
      heads: 2,
      width: 16,
      contextTokens: 12,
      vocabulary: tokenizer.vocabulary,
      isTied: true,
    },
    tokenizer,
    seeded(seed, 'weights'),
  )
}

/** Each letter asks for the next one, twice. */
const answers = Array.from({ length: 48 }, (_, row) => ({
  prompt: `${letters[row % 4]}?`,
  completion: (letters[(row % 4) + 1] ?? '').repeat(2),
}))
const pairs = Array.from({ length: 40 }, (_, row) => ({
  prompt: '',
  chosen: 'ab'.slice(row % 2),
  rejected: 'gh'.slice(row % 2),
  margin: 1,
}))
const wantsA: Reward = async (texts) =>
  texts.map(
    ({ completion }) =>
      [...completion].filter((letter) => letter === 'a').length / Math.max(1, completion.length),
  )
const ppoInputs = (policy: LanguageModel) => ({ policy, rewards: rewardedBy(wantsA), prompts: [] })

const lora = { adapter: 'lora', loraRank: 4, loraTargets: 'all' } as const
type SftChanges = Parameters<typeof sftSettings>[0]
const fineTuned = (start: LanguageModel, settings: SftChanges) =>
  run(trainSft(testEngine(), start, answers, sftSettings(settings)))

const all = (parameters: ModelParameters) =>
  Object.fromEntries(Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]]))
const changedIn = (after: Model, before: Model): string[] =>
  Object.keys(before.parameters.spec).filter(
    (name) => !after.parameters.view(name).every((value, i) => value === before.parameters.view(name)[i]),
  )
const trunkMemory = (of: Model) => of.parameters.view('transformer.wte.weight').buffer

describe('fine-tuning an adapter', () => {
  it('teaches what was demonstrated, and changes nothing else', async () => {
    const start = model()
    const before = start.parameters.flat.slice()
    const { last } = await fineTuned(start, { ...lora, epochs: 60, learningRate: 3e-2 })
    const written = await generate(testEngine(), last.model as LanguageModel, ['a?', 'c?'], {
      temperature: 0,
      topK: 0,
      topP: 1,
      maxTokens: 4,
      seed: 1,
    })
    expect(written.map(({ text, hasEnded }) => ({ text, hasEnded }))).toEqual([
      { text: 'bb', hasEnded: true },
      { text: 'dd', hasEnded: true },
    ])
    expect(start.parameters.flat).toEqual(before)
    expect(trunkMemory(last.model)).toBe(start.parameters.flat.buffer)
    expect(last.model.adapters).toMatchObject([
      { name: 'sft', rank: 4, alpha: 16, scaling: 'by-rank', dropout: 0 },
    ])
  })

  it('keeps moments of the adapter alone: rank · (in + out) numbers a projection', async () => {
    const { last } = await fineTuned(model(), { ...lora, epochs: 1 })
    const block = 4 * (16 + 48) + 4 * (16 + 16) + 4 * (16 + 64) + 4 * (64 + 16)
    expect(last.resume.tensors['model/first-moment']?.length).toBe(2 * block)
    expect(trainedPart(last.model.parameters).count).toBe(2 * block)
  })

  it('gives the same weights to the bit when it is stopped and resumed, with dropout too', async () => {
    const settings = sftSettings({ ...lora, loraDropout: 0.3, epochs: 1 })
    const trained = (resume?: Awaited<ReturnType<typeof run>>) =>
      trainSft(testEngine(), model(), answers, settings, resume?.last)
    const whole = await run(trained())
    const stopped = await run(trained(), 2)
    const resumed = await run(trained(stopped))
    expect(resumed.updates[0]?.step).toBe(3)
    expect(all(resumed.last.model.parameters)).toEqual(all(whole.last.model.parameters))
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('stands on an adapter that is there already, which stays as it is', async () => {
    const first = (await fineTuned(model(), lora)).last.model as LanguageModel
    const second = (await fineTuned(first, lora)).last.model
    expect(second.adapters?.map(({ name }) => name)).toEqual(['sft', 'sft-2'])
    expect(changedIn(second, first)).toEqual([])
    expect(trunkMemory(second)).toBe(trunkMemory(first))
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainSft(engine, model(), answers, sftSettings({ ...lora, samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it('turns each of its settings into other weights', async () => {
    const weights = async (settings: SftChanges) =>
      JSON.stringify(
        all((await fineTuned(model(), { ...lora, epochs: 1, ...settings })).last.model.parameters),
      )
    const plain = await weights({})
    for (const changed of [
      { adapter: 'none' },
      { loraRank: 2 },
      { loraAlpha: 32 },
      { loraScaling: 'by-root-of-rank' },
      { loraTargets: 'o' },
      { loraDropout: 0.5 },
      { lastLayers: 1 },
      { frozen: 'c_attn' },
    ] as const) {
      expect({ changed, isSame: (await weights(changed)) === plain }).toEqual({ changed, isSame: false })
    }
  })

  it('begins with everything merged when a model with adapters is trained whole', async () => {
    const adapted = (await fineTuned(model(), { ...lora, epochs: 20, learningRate: 3e-2 })).last
      .model as LanguageModel
    const {
      updates: [still],
      last,
    } = await run(
      trainSft(
        testEngine(),
        adapted,
        answers,
        sftSettings({ learningRate: 1e-8, weightDecay: 0, warmupUpdates: 0 }),
      ),
      1,
    )
    const {
      updates: [onTop],
    } = await run(
      trainSft(
        testEngine(),
        adapted,
        answers,
        sftSettings({ ...lora, learningRate: 1e-8, warmupUpdates: 0 }),
      ),
      1,
    )
    expect(still?.values['loss/train']).toBeCloseTo(onTop?.values['loss/train'] as number, 5)
    expect(last.model.adapters).toEqual([])
    expect(last.model.parameters.spec).toEqual(model().parameters.spec)
  })
})

describe('freezing', () => {
  const start = model()
  const names = Object.keys(start.parameters.spec)
  const learned = async (settings: SftChanges) =>
    changedIn((await fineTuned(start, { epochs: 1, weightDecay: 0.1, ...settings })).last.model, start)

  it('leaves the last blocks, and what stands after them', async () => {
    expect(await learned({ lastLayers: 1 })).toEqual(names.filter((name) => /\.h\.1\.|ln_f/.test(name)))
    expect(await learned({ lastLayers: 2 })).toEqual(names.filter((name) => !/wte|wpe/.test(name)))
  })

  it('leaves all but the embeddings, or all but what is named', async () => {
    expect(await learned({ embeddings: 'frozen' })).toEqual(names.filter((name) => !/wte|wpe/.test(name)))
    expect(await learned({ frozen: 'ln_*, h.0.mlp' })).toEqual(
      names.filter((name) => !/ln_|h\.0\.mlp/.test(name)),
    )
    expect(await learned({})).toEqual(names)
  })

  it('keeps in memory once what is frozen, and no moments of it', async () => {
    const { last } = await fineTuned(start, { lastLayers: 1, epochs: 1 })
    expect(trunkMemory(last.model)).toBe(start.parameters.flat.buffer)
    const block = names
      .filter((name) => /\.h\.1\.|ln_f/.test(name))
      .reduce((sum, name) => sum + start.parameters.view(name).length, 0)
    expect(last.resume.tensors['model/first-moment']?.length).toBe(block)
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const settings = sftSettings({ lastLayers: 1, epochs: 1 })
    const whole = await run(trainSft(testEngine(), start, answers, settings))
    const stopped = await run(trainSft(testEngine(), start, answers, settings), 2)
    const resumed = await run(trainSft(testEngine(), start, answers, settings, stopped.last))
    expect(all(resumed.last.model.parameters)).toEqual(all(whole.last.model.parameters))
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('is refused where it means nothing, or leaves nothing', () => {
    const refused = (settings: SftChanges) => () => {
      checkTrainedPart(start.config, sftSettings(settings))
    }
    expect(refused({ lastLayers: 3 })).toThrow('lastLayers: must be at most 2: this model has no more blocks')
    expect(refused({ frozen: 'ln_*, gate' })).toThrow(
      'frozen: “gate” means none of this model’s weights; their names are like transformer.ln_f.bias',
    )
    expect(refused({ frozen: '*' })).toThrow('frozen: leaves nothing to learn')
    expect(refused({ ...lora, loraTargets: 'q, gate' })).toThrow(
      'loraTargets: “gate” means none of this model’s projections; its first are transformer.h.0.attn.c_attn',
    )
    expect(refused({ ...lora, loraTargets: 'q', frozen: 'attn' })).toThrow('loraTargets: are all frozen')
    expect(refused({ ...lora, lastLayers: 1 })).not.toThrow()
  })
})

describe('a reward model', () => {
  it('learns with an adapter and a head on the trunk of its base', async () => {
    const base = model()
    const before = base.parameters.flat.slice()
    const { updates, last } = await run(
      trainRewardModel(testEngine(), base, pairs, rewardSettings({ ...lora, epochs: 20, loraDropout: 0.1 })),
    )
    expect(updates.at(-1)?.values['accuracy/train']).toBe(1)
    expect(base.parameters.flat).toEqual(before)
    expect(trunkMemory(last.model)).toBe(base.parameters.flat.buffer)
    expect(Object.keys(trainedPart(last.model.parameters).spec).slice(-2)).toEqual([
      'score.weight',
      'score.bias',
    ])
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const trained = (resume?: Awaited<ReturnType<typeof run>>) =>
      trainRewardModel(
        testEngine(),
        model(),
        pairs,
        rewardSettings({ ...lora, loraDropout: 0.2 }),
        resume?.last,
      )
    const whole = await run(trained())
    const resumed = await run(trained(await run(trained(), 2)))
    expect(all(resumed.last.model.parameters)).toEqual(all(whole.last.model.parameters))
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })
})

/** A model that writes two to four random letters and ends. */
const fluent = (async () => {
  const texts = Array.from({ length: 81 }, (_, n) => ({
    prompt: '',
    completion: [0, 1, 2, 3]
      .slice(0, 2 + (n % 3))
      .map((place) => letters[Math.floor(n / 3 ** place) % 3])
      .join(''),
  }))
  return (await run(trainSft(testEngine(), model(), texts, sftSettings({ epochs: 20, heldOutFraction: 0 }))))
    .last.model as LanguageModel
})()

describe.each(['separate', 'value-head'] as const)(
  'PPO of an adapter, with a critic that is %s,',
  (critic) => {
    const settings = (changed: Parameters<typeof ppoSettings>[0] = {}) =>
      ppoSettings({ ...lora, critic, ...changed })

    it('begins at no KL and a ratio of one', async () => {
      const {
        updates: [first],
      } = await run(
        trainPpo(testEngine(), ppoInputs(await fluent), settings({ epochs: 1, minibatches: 1 })),
        1,
      )
      expect(first?.values['kl/text']).toBe(0)
      expect(first?.values['policy/ratio']).toBe(1)
    })

    it('writes more of what is rewarded, on the trunk it started from', async () => {
      const start = await fluent
      const before = start.parameters.flat.slice()
      const { updates, last } = await run(
        trainPpo(
          testEngine(),
          ppoInputs(start),
          settings({ updates: 50, completions: 32, klBeta: 0.01, learningRate: 2e-2 }),
        ),
      )
      expect(updates[0]?.values['reward/mean']).toBeLessThan(0.5)
      expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(0.6)
      expect(start.parameters.flat).toEqual(before)
      expect(trunkMemory(last.model)).toBe(start.parameters.flat.buffer)
      expect(Object.keys(last.model.parameters.spec).filter((name) => name.startsWith('v_head'))).toEqual([])
    })

    it('has policy, reference and critic on one trunk', () => {
      const start = model()
      const models = startingModels(start, settings())
      for (const each of [models.policy, models.critic])
        expect(trunkMemory(each)).toBe(start.parameters.flat.buffer)
      expect(Object.keys(models.critic.parameters.spec)).toContain('v_head.summary.weight')
      const engine = testEngine()
      const updates = openPpoUpdates(engine, models, { rows: 8, lengths: [8] }, settings())
      const trained =
        trainedPart(models.policy.parameters).count +
        (critic === 'separate' ? trainedPart(models.critic.parameters).count : 0)
      expect(engine.memory().bytes).toBe(4 * 4 * trained)
      updates.dispose()
    })

    it('gives the same weights to the bit when it is stopped and resumed', async () => {
      const trained = (resume?: Awaited<ReturnType<typeof run>>) =>
        trainPpo(testEngine(), ppoInputs(model()), settings({ updates: 4, samplesEvery: 1 }), resume?.last)
      const whole = await run(trained())
      const resumed = await run(trained(await run(trained(), 2)))
      expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(2)))
      expect(all(resumed.last.model.parameters)).toEqual(all(whole.last.model.parameters))
      expect(resumed.last.resume).toEqual(whole.last.resume)
    })

    it('leaves nothing behind when stopped early', async () => {
      const engine = testEngine()
      const before = engine.memory()
      await run(trainPpo(engine, ppoInputs(model()), settings({ samplesEvery: 1 })), 2)
      expect(engine.memory()).toEqual(before)
    })

    it('of the last block alone shares the blocks below, too', async () => {
      const start = model()
      const frozen = settings({ adapter: 'none', lastLayers: 1, updates: 2 })
      const models = startingModels(start, frozen)
      for (const each of [models.policy, models.critic])
        expect(trunkMemory(each)).toBe(start.parameters.flat.buffer)
      const { last } = await run(trainPpo(testEngine(), ppoInputs(start), frozen))
      expect(changedIn(last.model, start).length).toBeGreaterThan(0)
      expect(changedIn(last.model, start).filter((name) => !/\.h\.1\.|ln_f/.test(name))).toEqual([])
    })
  },
)
