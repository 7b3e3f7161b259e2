import { describe, expect, it } from 'vitest'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { generate } from '../../src-main/model/writing/generation'
import type { LanguageModel } from '../../src-main/model/model'
import type { Prompt } from '../../src-shared/records/turn'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import type { OpenTerm } from '../../src-main/rewards/terms'
import { trainPpo } from '../../src-main/trainers/ppo'
import { trainSft } from '../../src-main/trainers/sft'
import { logsOf, ppoSettings, rewardedBy, run, sftSettings, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abc'
/** Share of a's: a child can say which text is better. */
const shareOfA = ({ completion }: ScoredText): number =>
  completion === '' ? 0 : [...completion].filter((letter) => letter === 'a').length / completion.length
const wantsA: Reward = async (texts) => texts.map(shareOfA)
const indifferent: Reward = async (texts) => texts.map(() => 0)
const inputs = (policy: LanguageModel, reward: Reward = wantsA) => ({
  policy,
  rewards: rewardedBy(reward),
  prompts: [],
})

/** A model that writes two to four random letters and ends. */
async function fluent(): Promise<LanguageModel> {
  const texts = Array.from({ length: 81 }, (_, n) => ({
    prompt: '',
    completion: [0, 1, 2, 3]
      .slice(0, 2 + (n % 3))
      .map((place) => letters[Math.floor(n / 3 ** place) % 3])
      .join(''),
  }))
  return (await run(trainSft(testEngine(), tinyModel(letters), texts, sftSettings({ epochs: 20 })))).last
    .model as LanguageModel
}
const start = fluent()

const isEqual = (a: Float32Array, b: Float32Array): boolean => a.every((weight, place) => weight === b[place])

describe('PPO', () => {
  it.each(['value-head', 'separate'] as const)(
    'writes more of what is rewarded, critic: %s',
    async (critic) => {
      const { updates, last } = await run(
        trainPpo(
          testEngine(),
          inputs(await start),
          ppoSettings({ critic, updates: 25, completions: 32, klBeta: 0.01 }),
        ),
      )
      expect(updates[0]?.values['reward/mean']).toBeLessThan(0.5)
      expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(0.9)
      const written = await generate(
        testEngine(),
        last.model as LanguageModel,
        Array.from({ length: 20 }, () => ''),
        { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 3 },
      )
      expect(
        written
          .map((each) => shareOfA({ ...each, completion: each.text }))
          .reduce((sum, share) => sum + share) / 20,
      ).toBeGreaterThan(0.9)
    },
  )

  it.each(['value-head', 'separate'] as const)(
    'gives the same weights to the bit when it is stopped and resumed, critic: %s',
    async (critic) => {
      const settings = ppoSettings({ critic, updates: 5, klTarget: 1, samplesEvery: 1, criticWarmup: 3 })
      const whole = await run(trainPpo(testEngine(), inputs(await start), settings))
      const stopped = await run(trainPpo(testEngine(), inputs(await start), settings), 2)
      const resumed = await run(trainPpo(testEngine(), inputs(await start), settings, stopped.last))
      expect(resumed.updates.map((update) => update.step)).toEqual([3, 4, 5])
      expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(2)))
      expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
      expect(resumed.last.resume).toEqual(whole.last.resume)
    },
  )

  it('learns to end when a text without an end token pays for it', async () => {
    const rambling = tinyModel(letters) // ends after four tokens on average, often not within 4
    const ended = async (noEndPenalty: number) =>
      (
        await run(
          trainPpo(
            testEngine(),
            inputs(rambling, indifferent),
            ppoSettings({ updates: 20, maxTokens: 4, noEndPenalty, klBeta: 0 }),
          ),
        )
      ).updates.at(-1)?.values['text/ended']
    expect(await ended(1)).toBeGreaterThan(0.95)
    expect(await ended(0)).toBeLessThan(0.9)
  })

  it.each(['exact', 'exact-drawn', 'sampled', 'k2', 'k3'] as const)(
    'stays closer to its reference the higher β is, by the %s KL',
    async (klEstimator) => {
      const settings = {
        klEstimator,
        critic: 'separate',
        updates: 20,
        completions: 64,
        learningRate: 1e-3,
      } as const
      const kl = async (klBeta: number) =>
        (
          await run(trainPpo(testEngine(), inputs(await start), ppoSettings({ ...settings, klBeta })))
        ).updates.at(-1)?.values['kl/text'] as number
      expect(await kl(1)).toBeLessThan((await kl(0.001)) / 2)
    },
  )

  it.each(['value-head', 'separate'] as const)(
    'leaves the policy alone while its critic warms up: %s',
    async (critic) => {
      const policy = await start
      const { updates, last } = await run(
        trainPpo(
          testEngine(),
          inputs(policy),
          ppoSettings({ critic, updates: 12, criticWarmup: 11, completions: 64, valueWeight: 1 }),
        ),
      )
      expect(updates.slice(0, 11).map((update) => update.values['kl/text'])).toEqual(Array(11).fill(0))
      expect(updates[10]?.values['loss/value']).toBeLessThan(
        (updates[0]?.values['loss/value'] as number) * 0.9,
      )
      expect(last.model.parameters.flat).not.toEqual(policy.parameters.flat)
      const warm = await run(
        trainPpo(
          testEngine(),
          inputs(policy),
          ppoSettings({ critic, updates: 3, criticWarmup: 3, weightDecay: 1 }),
        ),
      )
      expect(warm.last.resume.numbers['policy/updates']).toBe(0)
      expect(warm.last.model.parameters.flat).toEqual(policy.parameters.flat)
    },
  )

  it('steers β towards the KL target', async () => {
    const betas = async (klTarget: number) =>
      (
        await run(
          trainPpo(testEngine(), inputs(await start), ppoSettings({ updates: 10, klTarget, klHorizon: 100 })),
        )
      ).updates.map((update) => update.values['policy/kl-beta'] as number)
    const [low, high, off] = [await betas(0.001), await betas(100), await betas(0)]
    expect(low[0]).toBe(0.05)
    expect(low.at(-1)).toBeGreaterThan(0.05)
    // KL is far below 100: β falls by e · n / horizon each time
    expect(high.at(-1)).toBeCloseTo(0.05 * (1 - (0.2 * 16) / 100) ** 9, 6)
    expect(new Set(off)).toEqual(new Set([0.05]))
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) =>
      valuesOf((await run(trainPpo(testEngine(), inputs(await start), ppoSettings({ seed })))).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('leaves nothing behind when stopped early', async () => {
    for (const critic of ['value-head', 'separate'] as const) {
      const engine = testEngine()
      const before = engine.memory()
      await run(trainPpo(engine, inputs(await start), ppoSettings({ critic, samplesEvery: 1 })), 2)
      expect(engine.memory()).toEqual(before)
    }
  })

  it('turns each of its settings into other weights', async () => {
    const policy = tinyModel(letters)
    const weights = async (settings: Parameters<typeof ppoSettings>[0]) =>
      (
        await run(
          trainPpo(
            testEngine(),
            inputs(policy),
            ppoSettings({
              updates: 2,
              warmupUpdates: 0,
              noEndPenalty: 1,
              maxTokens: 4,
              criticLearningRate: 5e-3,
              ...settings,
            }),
          ),
        )
      ).last.model.parameters.flat
    const plain = await weights({})
    const shared = await weights({ critic: 'value-head' })
    for (const changed of [
      { completions: 18 },
      { maxTokens: 5 },
      { temperature: 0.8 },
      { topK: 2 },
      { topP: 0.5 },
      { minP: 0.95 },
      { stop: 'b' },
      { noEndPenalty: 0 },
      { klBeta: 0.5 },
      { clipRange: 0.01, learningRate: 3e-2 },
      { valueClipRange: 0.01 },
      { critic: 'value-head', valueWeight: 1 },
      { gamma: 0.5 },
      { lambda: 0.5 },
      { whitenAdvantages: 'off' },
      { critic: 'value-head' },
      { criticWarmup: 1 },
      { criticLearningRate: 1e-3 },
      { klEstimator: 'sampled' },
      { klEstimator: 'k2' },
      { klEstimator: 'k3' },
      { klTarget: 0.01, klHorizon: 20 },
      { epochs: 1 },
      { minibatches: 1 },
      { learningRate: 1e-3 },
      { warmupUpdates: 1 },
      { finalLearningRateFraction: 1 },
      { weightDecay: 1 },
      { beta2: 0.9 },
      { clipNorm: 0.01 },
      { withoutEnd: 'replaced' },
      { maskTopP: 0.6 },
      { maskTopP: 0.6, maskEvery: 1 },
      { rewardScale: 'running-deviation', whitenAdvantages: 'off' },
      { rewardScale: 'whitened-tokens', whitenAdvantages: 'off' },
      { rewardClip: 0.05 },
      { ratioLimit: 1.01, learningRate: 3e-2 },
      { entropyBonus: 0.5 },
      { updateKl: 1e-6 },
      { valueClipRange: 0, criticLearningRate: 3e-2 },
    ] as const) {
      const changedWeights = await weights(changed)
      expect({
        changed: JSON.stringify(changed),
        isSame: [plain, ...('valueWeight' in changed ? [shared] : [])].some((before) =>
          isEqual(before, changedWeights),
        ),
      }).toEqual({ changed: JSON.stringify(changed), isSame: false })
    }
  })

  it('holds, under top-k, what is drawn or the whole softmax, as the estimator says', async () => {
    const policy = tinyModel(letters)
    const first = async (settings: Parameters<typeof ppoSettings>[0]) =>
      run(trainPpo(testEngine(), inputs(policy), ppoSettings({ updates: 3, klBeta: 0.5, ...settings })))
    const [whole, drawn] = [
      await first({ topK: 2, klEstimator: 'exact' }),
      await first({ topK: 2, klEstimator: 'exact-drawn' }),
    ]
    expect(isEqual(whole.last.model.parameters.flat, drawn.last.model.parameters.flat)).toBe(false)
    const { 'kl/text': kl = 0, 'kl/drawn': klDrawn = 0 } = drawn.updates.at(-1)?.values ?? {}
    expect(klDrawn).toBeGreaterThan(0)
    expect(klDrawn).not.toBeCloseTo(kl, 4)
    const plain = await first({ klEstimator: 'exact' })
    expect(plain.updates.at(-1)?.values).not.toHaveProperty('kl/drawn')
    // without top-k everything can be drawn: the same to the bit
    const same = await first({ klEstimator: 'exact-drawn' })
    expect(same.last.model.parameters.flat).toEqual(plain.last.model.parameters.flat)
  })

  it('is A2C with one update a rollout: what is clipped changes nothing, to the bit', async () => {
    const policy = tinyModel(letters)
    const a2c = recipeOf('ppo').presets.find(({ name }) => name === 'A2C')?.settings
    const weights = async (settings: Parameters<typeof ppoSettings>[0]) =>
      (await run(trainPpo(testEngine(), inputs(policy), ppoSettings({ ...a2c, updates: 4, ...settings }))))
        .last.model.parameters.flat
    const wide = await weights({ clipRange: 1, valueClipRange: 100 })
    expect(await weights({ clipRange: 0.01, valueClipRange: 0.01 })).toEqual(wide)
    expect(wide).not.toEqual(policy.parameters.flat)
  })

  it('draws within the nucleus of an older policy, and learns among what it could draw (NLPO)', async () => {
    const { events, last } = await run(
      trainPpo(testEngine(), inputs(await start), ppoSettings({ maskTopP: 0.5, updates: 4, maskEvery: 2 })),
    )
    for (const event of events)
      if (event.kind === 'update') {
        expect(event.values['policy/ratio']).toBeCloseTo(1, 4)
        expect(Number.isFinite(event.values['kl/drawn'])).toBe(true)
      }
    const settings = ppoSettings({ maskTopP: 0.5, updates: 4, maskEvery: 2 })
    const stopped = await run(trainPpo(testEngine(), inputs(await start), settings), 3)
    const resumed = await run(trainPpo(testEngine(), inputs(await start), settings, stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(last.model.parameters.flat)
  })

  it('stops with the reason when a reward is no number', async () => {
    const never: Reward = async (texts) => texts.map((_, index) => (index === 3 ? NaN : 0))
    const stopped = run(trainPpo(testEngine(), inputs(tinyModel(letters), never), ppoSettings({})))
    await expect(stopped).rejects.toThrow(
      /The reward reward-model scored NaN, which is no finite number, for the completion “.*”/,
    )
  })

  it('draws a prompt as often as it is asked', async () => {
    const asked: Prompt[] = []
    const listens: Reward = async (texts) => {
      asked.push(...texts.map(({ prompt }) => prompt))
      return texts.map(() => 0)
    }
    const prompts = ['a', 'a', 'a', 'b']
    await run(
      trainPpo(
        testEngine(),
        { ...inputs(tinyModel(letters), listens), prompts },
        ppoSettings({ updates: 1, completions: 400, maxTokens: 1 }),
      ),
    )
    // three of four draws are a's: 300 ± 4 · √(400 · ¾ · ¼)
    const share = asked.slice(0, 400).filter((prompt) => prompt === 'a').length
    expect(Math.abs(share - 300)).toBeLessThan(35)
  })

  it('learns from the weighted sum of its rewards; what is only watched changes nothing', async () => {
    const weightsWith = async (rewards: readonly OpenTerm[]) => {
      const trainer = trainPpo(
        testEngine(),
        { policy: tinyModel(letters), rewards, prompts: [] },
        ppoSettings({ updates: 2 }),
      )
      const { last, updates } = await run(trainer)
      return { weights: last.model.parameters.flat, values: updates[0]?.values ?? {} }
    }
    const term = (weight: number, score = wantsA): OpenTerm => ({
      source: 'lexicon',
      place: 1,
      weight,
      score,
    })
    const alone = await weightsWith([term(1)])
    expect(alone.values).not.toHaveProperty('reward/judge')
    // ½ r + ½ r is r to the bit, and 0 times anything is nothing
    const halves = await weightsWith([term(0.5), term(0, indifferent), term(0.5)])
    expect(halves.weights).toEqual(alone.weights)
    expect(halves.values).toMatchObject({ 'reward/mean': alone.values['reward/mean'], 'reward/judge': 0 })
    expect((await weightsWith([term(-1)])).weights).not.toEqual(alone.weights)
  })

  it('tells each reward by itself when there are several', async () => {
    const rewards: readonly OpenTerm[] = [
      { source: 'lexicon', place: 1, weight: 2, score: async (texts) => texts.map(() => 0.25) },
      { source: 'wink', place: 1, weight: -1, score: async (texts) => texts.map(() => 0.125) },
    ]
    const inputs = { policy: tinyModel(letters), rewards, prompts: [] }
    const { updates } = await run(trainPpo(testEngine(), inputs, ppoSettings({ updates: 1 })))
    // 2 · ¼ − ⅛
    expect(updates[0]?.values).toMatchObject({
      'reward/mean': 0.375,
      'reward/lexicon': 0.25,
      'reward/wink': 0.125,
    })
  })

  it('shows samples with what reward and judge say of them', async () => {
    const { events } = await run(
      trainPpo(testEngine(), inputs(await start), ppoSettings({ samplesEvery: 2, updates: 4 })),
    )
    const shown = events.flatMap((event) => (event.kind === 'samples' ? [event] : []))
    expect(shown.map((event) => event.step)).toEqual([2, 4])
    for (const sample of shown.flatMap((event) => event.samples))
      expect(sample).toMatchObject({ reward: shareOfA({ ...sample }), judge: 0 })
  })

  it('refuses prompts it cannot read, and more minibatches than completions', async () => {
    const refused = (prompts: string[], settings = {}) =>
      run(trainPpo(testEngine(), { ...inputs(tinyModel(letters)), prompts }, ppoSettings(settings)))
    await expect(refused(['ab', 'ax'])).rejects.toThrow('prompts: text 2: "x" (U+0078) at character 2')
    await expect(refused(['abcabcabcabc'])).rejects.toThrow(
      'the prompt has 12 tokens; this model reads 12 tokens in all',
    )
    await expect(refused([], { minibatches: 20 })).rejects.toThrow(
      'minibatches: cannot be more than the 16 completions of a rollout',
    )
  })

  it('sounds no alarm on a run in which nothing is wrong', async () => {
    expect(
      logsOf(
        (
          await run(
            trainPpo(testEngine(), inputs(await start), ppoSettings({ updates: 3, learningRate: 1e-4 })),
          )
        ).events,
      ),
    ).toEqual([])
  })
})
