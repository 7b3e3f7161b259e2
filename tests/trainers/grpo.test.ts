/**
 * GRPO and its kin: each published form learns, repeats itself, is resumed to the bit, and takes its settings at
 * their word.
 */
import { describe, expect, it } from 'vitest'
import { grpoPresets } from '../../src-shared/recipes/grpo-presets'
import type { GrpoSettings } from '../../src-shared/recipes/grpo'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import type { OpenTerm } from '../../src-main/rewards/terms'
import { trainGrpo } from '../../src-main/trainers/grpo'
import { fluentModel, grpoSettings, logsOf, rewardedBy, run, testEngine, tinyModel, valuesOf } from './tiny'

/** Share of a's: a child can say which text is better. */
const shareOfA = ({ completion }: ScoredText): number =>
  completion === '' ? 0 : [...completion].filter((letter) => letter === 'a').length / completion.length
const wantsA: Reward = async (texts) => texts.map(shareOfA)
const indifferent: Reward = async (texts) => texts.map(() => 0.5)
const inputs = (policy: LanguageModel, reward: Reward = wantsA) => ({
  policy,
  rewards: rewardedBy(reward),
  prompts: [] as readonly string[],
})
const start = fluentModel()
const trained = async (settings: Partial<GrpoSettings>, reward?: Reward, updates?: number) =>
  run(trainGrpo(testEngine(), inputs(await start, reward), grpoSettings(settings)), updates)
const flat = ({
  last,
}: {
  readonly last: { readonly model: { readonly parameters: { flat: Float32Array } } }
}) => last.model.parameters.flat

describe('training without a critic', () => {
  it.each(grpoPresets.map(({ name, settings }) => ({ name, settings: settings as Partial<GrpoSettings> })))(
    'as $name writes more of what is rewarded',
    async ({ settings }) => {
      const { groupSize = 8 } = settings
      const small = { ...settings, groupSize, groups: 32 / groupSize, updates: 40, klBeta: 0.01, epochs: 1 }
      const all = grpoSettings({ ...small, learningRate: 1e-2 })
      const { updates, events } = await run(trainGrpo(testEngine(), inputs(tinyModel('abc')), all))
      expect(updates[0]?.values['reward/mean']).toBeLessThan(0.3)
      expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(0.8)
      for (const { values } of updates) expect(Math.abs((values['policy/ratio'] ?? 1) - 1)).toBeLessThan(1e-4)
      expect(logsOf(events).filter((text) => text.includes('ρ'))).toEqual([])
    },
  )

  it.each(['group', 'batch'] as const)(
    'by %s gives the same weights to the bit when resumed',
    async (advantage) => {
      const settings = { updates: 5, samplesEvery: 1, advantage, dynamicSampling: 'on' } as const
      const whole = await trained(settings)
      const stopped = await trained(settings, wantsA, 3)
      const resumed = await run(
        trainGrpo(testEngine(), inputs(await start), grpoSettings(settings), stopped.last),
      )
      expect(resumed.updates.map(({ step }) => step)).toEqual([4, 5])
      expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(3)))
      expect(flat(resumed)).toEqual(flat(whole))
      expect(resumed.last.resume).toEqual(whole.last.resume)
    },
  )

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await trained({ seed })).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainGrpo(engine, inputs(await start), grpoSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it.each(['rollout-tokens', 'text-mean', 'update-tokens', 'longest', 'texts'] as const)(
    'makes the same update in any parts, normalised by %s',
    async (normalisation) => {
      const settings = { normalisation, updates: 1, epochs: 1, minibatches: 1, klForm: 'k3' } as const
      const norms = async (accumulation: number) => {
        const { updates } = await trained({ ...settings, accumulation })
        return updates.map(({ values }) => [
          values['optimizer/gradient-norm'] as number,
          values['loss/policy'] as number,
        ])
      }
      const whole = (await norms(1)).flat()
      for (const parts of [2, 3, 16])
        expect((await norms(parts)).flat()).toEqual(whole.map((each) => expect.closeTo(each, 5)))
    },
  )

  it('turns each of its settings into other weights', async () => {
    const policy = tinyModel('abc')
    const prompts = ['a', 'b', 'c']
    const length: Reward = async (texts) => texts.map(({ completion }) => completion.length)
    const rewards: readonly OpenTerm[] = [
      { source: 'lexicon', place: 1, weight: 1, score: wantsA },
      { source: 'wink', place: 1, weight: 0.5, score: length },
    ]
    const weights = async (settings: Partial<GrpoSettings>) =>
      flat(
        await run(
          trainGrpo(
            testEngine(),
            { policy, rewards, prompts },
            grpoSettings({ updates: 2, warmupUpdates: 0, noEndPenalty: 1, maxTokens: 4, ...settings }),
          ),
        ),
      )
    const wide = { learningRate: 3e-2, epochs: 4 }
    const changes: readonly (readonly [Partial<GrpoSettings>, Partial<GrpoSettings>?])[] = [
      [{ groups: 5 }],
      [{ groupSize: 5 }],
      [{ maxTokens: 5 }],
      [{ temperature: 0.8 }],
      [{ topK: 2 }],
      [{ topP: 0.5 }],
      [{ minP: 0.95 }],
      [{ stop: 'b' }],
      [{ noEndPenalty: 0 }],
      [{ cutTexts: 'left-out' }],
      [{ updates: 3 }],
      [{ seed: 7 }],
      [{ advantage: 'group-mean' }],
      [{ advantage: 'leave-one-out' }, { advantage: 'group-mean' }],
      [{ advantage: 'group-then-batch' }],
      [{ advantage: 'batch' }],
      [{ advantage: 'each-reward' }],
      [{ advantage: 'none' }],
      [{ importance: 'text-mean' }],
      [{ importance: 'text' }],
      [{ importance: 'cispo' }],
      [{ importance: 'sapo' }],
      [{ clipLow: 0.001 }, wide],
      [{ clipHigh: 0.001 }, wide],
      [{ normalisation: 'text-mean' }],
      [{ normalisation: 'update-tokens' }],
      [{ normalisation: 'longest' }],
      [{ normalisation: 'texts' }],
      [{ klBeta: 0.5 }],
      [{ klForm: 'k2' }],
      [{ klForm: 'k3' }, { klForm: 'k2' }],
      [{ epochs: 1 }],
      [{ minibatches: 1 }],
      [{ learningRate: 1e-3 }],
      [{ warmupUpdates: 1 }],
      [{ finalLearningRateFraction: 1 }],
      [{ weightDecay: 1 }],
      [{ beta2: 0.9 }],
      [{ clipNorm: 0.01 }],
    ]
    for (const [changed, beside = {}] of changes) {
      const same = await weights({ ...beside, ...changed })
      const plain = await weights(beside)
      expect([JSON.stringify(changed), same.every((each, index) => each === plain[index])]).toEqual([
        JSON.stringify(changed),
        false,
      ])
    }
  })

  it('draws groups of equal rewards again, for other prompts, and counts them', async () => {
    // after “b” all completions are worth the same; after “a” it depends
    const picky: Reward = async (texts) =>
      texts.map((text) => (text.prompt === 'b' ? 0.5 : shareOfA(text) + text.completion.length))
    const asked = async (dynamicSampling: 'on' | 'off') => {
      const { updates } = await run(
        trainGrpo(
          testEngine(),
          { ...inputs(tinyModel('abc'), picky), prompts: ['a', 'b'] },
          grpoSettings({ updates: 1, groups: 8, dynamicSampling }),
        ),
      )
      return updates[0]?.values ?? {}
    }
    const off = await asked('off')
    expect(off['reward/equal-groups']).toBeCloseTo(0.5, 5) // every second prompt is “b”
    const on = await asked('on')
    expect(on['reward/equal-groups']).toBeCloseTo(0.5, 5)
    // what is learned from is answers to “a” alone
    expect(on['reward/mean']).toBeGreaterThan((off['reward/mean'] as number) + 0.2)
  })

  it('says when all groups are equal, and learns nothing from them', async () => {
    const { events, last } = await trained({ updates: 6, klBeta: 0, noEndPenalty: 0 }, indifferent)
    expect(logsOf(events).join()).toContain('In 100 % of the groups all completions have the same reward')
    expect(flat({ last } as never)).toEqual((await start).parameters.flat)
    const healthy = await trained({ updates: 6 })
    expect(logsOf(healthy.events).filter((text) => text.includes('groups'))).toEqual([])
  })

  it('refuses a group of one that needs others, and more updates than completions, before any work', async () => {
    await expect(trained({ groupSize: 1 })).rejects.toThrow('groupSize: must be at least 2')
    await expect(trained({ groupSize: 1, advantage: 'batch', dynamicSampling: 'on' })).rejects.toThrow(
      'groupSize: must be at least 2',
    )
    await expect(trained({ minibatches: 17 })).rejects.toThrow('cannot be more than the 16 completions')
  })

  it('stops with the reason when a reward is no number or throws, and no weight has become one', async () => {
    const policy = await start
    const before = policy.parameters.flat.slice()
    const never: Reward = async (texts) => texts.map((_, index) => (index === 3 ? NaN : 0))
    await expect(trained({}, never)).rejects.toThrow(
      /The reward reward-model scored NaN, which is no finite number, for the completion “.*”/,
    )
    const broken: Reward = async () => {
      throw new Error('the lexicon is gone')
    }
    await expect(trained({}, broken)).rejects.toThrow('the lexicon is gone')
    expect(policy.parameters.flat).toEqual(before)
  })
})
