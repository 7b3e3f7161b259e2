/** Trust-region policy optimization. */
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import { trpoFields, type TrpoSettings } from '../../src-shared/recipes/trpo'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import { trainTrpo } from '../../src-main/trainers/trpo'
import type { Snapshot } from '../../src-main/trainers/trainer'
import { rewardedBy, run, testEngine, tinyModel, trpoSettings, valuesOf } from './tiny'

const shareOfA = ({ completion }: ScoredText): number =>
  completion === '' ? 0 : [...completion].filter((letter) => letter === 'a').length / completion.length
const wantsA: Reward = async (texts) => texts.map(shareOfA)
const inputs = (reward: Reward = wantsA) => ({
  policy: tinyModel('abc'),
  rewards: rewardedBy(reward),
  prompts: [],
})
const trained = (
  settings: Partial<TrpoSettings> = {},
  {
    given = inputs(),
    updates,
    resume,
  }: { given?: ReturnType<typeof inputs>; updates?: number; resume?: Snapshot } = {},
) => run(trainTrpo(testEngine(), given, trpoSettings(settings), resume), updates)
const flat = ({ last }: { readonly last: Snapshot }) => last.model.parameters.flat

describe('TRPO', () => {
  it('writes more of what is rewarded, and never steps out of the trust region', async () => {
    const { updates } = await trained({ updates: 25, trustRegion: 0.05 })
    expect(updates[0]?.values['reward/mean']).toBeLessThan(0.35)
    expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(0.75)
    for (const { values } of updates) {
      expect(values['policy/approx-kl']).toBeLessThanOrEqual(0.05)
      expect(values['loss/policy']).toBeLessThanOrEqual(0)
    }
  })

  it('knows how far a step goes: the whole of it has the KL it was made for', async () => {
    // KL is ½ xᵀFx up to third order: a wrong Fisher matrix would be off by a factor
    for (const trustRegion of [1e-4, 1e-3]) {
      const { updates } = await trained({ updates: 1, trustRegion, damping: 1e-5 })
      const { 'policy/approx-kl': kl = 0, 'policy/step-share': share = 0 } = updates[0]?.values ?? {}
      expect(share).toBeGreaterThanOrEqual(0.6)
      expect(kl / (share ** 2 * trustRegion)).toBeGreaterThan(0.75)
      expect(kl / (share ** 2 * trustRegion)).toBeLessThan(1.25)
    }
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const given = inputs()
    const whole = await trained({ updates: 4 }, { given })
    for (const stop of [1, 3]) {
      const stopped = await trained({ updates: 4 }, { given, updates: stop })
      const resumed = await trained({ updates: 4 }, { given, resume: stopped.last })
      expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(stop)))
      expect(flat(resumed)).toEqual(flat(whole))
    }
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) => valuesOf((await trained({ seed })).updates)
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('leaves nothing behind when stopped early, and its reference as it was', async () => {
    const engine = testEngine()
    const given = inputs()
    const start = given.policy.parameters.flat.slice()
    const before = engine.memory()
    await run(trainTrpo(engine, given, trpoSettings({ samplesEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
    expect(given.policy.parameters.flat).toEqual(start)
  })

  it('makes the same step in any parts', async () => {
    const first = async (accumulation: number) =>
      (await trained({ updates: 1, accumulation })).updates[0]?.values
    const whole = await first(1)
    for (const parts of [2, 5])
      for (const metric of ['optimizer/gradient-norm', 'policy/step-share'] as const)
        expect((await first(parts))?.[metric]).toBeCloseTo(whole?.[metric] as number, 4)
  })

  it('stands still where all completions are worth the same, to the bit', async () => {
    const given = inputs(async (texts) => texts.map(() => 0.5))
    const start = given.policy.parameters.flat.slice()
    const result = await trained({ noEndPenalty: 0, klBeta: 0 }, { given })
    expect(flat(result)).toEqual(start)
    expect(result.updates.at(-1)?.values['policy/step-share']).toBe(0)
  })

  it('ends a completion at a stop text, which its rewards do not read and which costs no missing end', async () => {
    const read: ScoredText[] = []
    const listening: Reward = async (texts) => {
      read.push(...texts)
      return texts.map(shareOfA)
    }
    await trained({ updates: 3, stop: 'b', maxTokens: 8 }, { given: inputs(listening) })
    expect(read.length).toBeGreaterThan(0)
    expect(read.filter(({ completion }) => completion.includes('b'))).toEqual([])
    const isWhole = ({ completion, hasEnded }: ScoredText) => hasEnded || [...completion].length === 8
    expect(read.every(isWhole)).toBe(true)
    expect(read.some(({ hasEnded, completion }) => hasEnded && completion.length > 0)).toBe(true)
  })

  it('refuses a group of one, and stops with the reason when a reward is no number', async () => {
    await expect(trained({ groupSize: 1 })).rejects.toThrow('groupSize: must be at least 2')
    const never: Reward = async (texts) => texts.map((_, index) => (index === 3 ? NaN : 0))
    await expect(trained({}, { given: inputs(never) })).rejects.toThrow('which is no finite number')
  })
})

describe('a setting of TRPO', () => {
  const changes: readonly (readonly [SettingsValues, SettingsValues?])[] = [
    [{ groups: 5 }],
    [{ groupSize: 5 }],
    [{ maxTokens: 5 }],
    [{ temperature: 0.8 }],
    [{ stop: 'b' }],
    [{ noEndPenalty: 5 }],
    [{ updates: 4 }],
    [{ seed: 7 }],
    [{ advantage: 'batch' }],
    [{ klBeta: 0.5 }],
    [{ trustRegion: 0.001 }],
    [{ solverSteps: 2 }],
    [{ damping: 1 }],
    [{ lineSearch: 1 }, { trustRegion: 1 }],
    [{ adapter: 'lora' }],
    [{ loraRank: 2 }, { adapter: 'lora' }],
    [{ loraAlpha: 3 }, { adapter: 'lora' }],
    [{ loraScaling: 'by-root-of-rank' }, { adapter: 'lora' }],
    [{ loraTargets: 'all' }, { adapter: 'lora' }],
    [{ frozenWeights: '8-bit' }, { adapter: 'lora' }],
    [{ lastLayers: 1 }],
    [{ embeddings: 'frozen' }],
    [{ frozen: 'ln_*' }],
  ]

  it('is tried, whichever it is', () => {
    const tried = new Set(changes.map(([change]) => Object.keys(change)[0]))
    const changesNothing = ['rewards', 'longPrompts', 'checkpointEvery', 'samplesEvery', 'accumulation']
    expect([...tried, ...changesNothing].sort()).toEqual(Object.keys(trpoFields).sort())
  })

  it.each(changes)('%o makes other weights', async (change, beside = {}) => {
    const weights = async (settings: SettingsValues) => {
      const { parameters } = (await trained(settings)).last.model
      return Object.keys(parameters.spec).map((name) => [name, [...parameters.view(name)]])
    }
    expect(await weights({ ...beside, ...change })).not.toEqual(await weights(beside))
  })
})
