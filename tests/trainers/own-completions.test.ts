/** Trainers that learn from the better of the policy's own completions: RFT, online DPO, XPO and Nash-MD. */
import { describe, expect, it } from 'vitest'
import type { SettingsValues } from '../../src-shared/fields'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import { trainNashMd } from '../../src-main/trainers/nash-md'
import { trainOnlineDpo } from '../../src-main/trainers/online-dpo'
import { trainRft } from '../../src-main/trainers/rft'
import type { Snapshot, TrainerEvent } from '../../src-main/trainers/trainer'
import type { Engine } from '../../src-main/compute/engine'
import {
  logsOf,
  nashMdSettings,
  onlineDpoSettings,
  rewardedBy,
  rftSettings,
  run,
  testEngine,
  tinyModel,
  valuesOf,
} from './tiny'

/** Share of a's: a child can say which text is better. */
const shareOfA = ({ completion }: ScoredText): number =>
  completion === '' ? 0 : [...completion].filter((letter) => letter === 'a').length / completion.length
const wantsA: Reward = async (texts) => texts.map(shareOfA)
const inputs = (reward: Reward = wantsA, prompts: readonly string[] = []) => ({
  policy: tinyModel('abc'),
  rewards: rewardedBy(reward),
  prompts,
})

interface Case {
  readonly title: string
  readonly train: (
    engine: Engine,
    given: ReturnType<typeof inputs>,
    settings: SettingsValues,
    resume?: Snapshot,
  ) => AsyncGenerator<TrainerEvent>
  /** Beside the usual ones. */
  readonly settings: SettingsValues
  /** A setting's other value, with what stands beside it in both runs. */
  readonly changes: readonly (readonly [SettingsValues, SettingsValues?])[]
}
const drawing: Case['changes'] = [
  [{ groups: 10 }],
  [{ maxTokens: 5 }],
  [{ temperature: 0.8 }],
  [{ topK: 2 }],
  [{ topP: 0.5 }],
  [{ minP: 0.95 }],
  [{ stop: 'b' }],
  [{ noEndPenalty: 5 }],
  [{ updates: 4 }],
  [{ seed: 7 }],
  [{ epochs: 1 }],
  [{ learningRate: 1e-3 }],
  [{ warmupUpdates: 3 }],
  [{ finalLearningRateFraction: 1 }],
  [{ weightDecay: 1 }],
  [{ beta2: 0.6 }],
  [{ clipNorm: 0.01 }],
]
const online = {
  train: (engine, given, settings, resume) =>
    trainOnlineDpo(engine, given, onlineDpoSettings(settings), resume),
} satisfies Partial<Case>
const cases: readonly Case[] = [
  {
    title: 'RFT',
    train: (engine, given, settings, resume) => trainRft(engine, given, rftSettings(settings), resume),
    settings: {},
    changes: [
      ...drawing,
      [{ groupSize: 5 }],
      [{ keep: 'best-of-rollout' }],
      [{ keptShare: 0.5 }, { keep: 'best-of-rollout' }],
      [{ batchExamples: 8 }],
    ],
  },
  {
    title: 'online DPO',
    ...online,
    settings: {},
    changes: [
      ...drawing,
      [{ groupSize: 5 }],
      [{ second: 'reference' }],
      [{ loss: 'ipo' }],
      [{ beta: 0.5 }],
      [{ minibatches: 1 }],
    ],
  },
  { title: 'XPO', ...online, settings: { second: 'reference' }, changes: [[{ optimism: 0.1 }]] },
  {
    title: 'Nash-MD',
    train: (engine, given, settings, resume) => trainNashMd(engine, given, nashMdSettings(settings), resume),
    settings: { klBeta: 0.02, preference: 'better', groups: 32 },
    changes: [
      ...drawing.filter(([change]) => !('epochs' in change)),
      [{ epochs: 2 }],
      [{ preference: 'bradley-terry' }],
      [{ mixture: 0.1 }],
      [{ klBeta: 0.5 }],
      [{ clipRange: 0.01 }, { epochs: 4, learningRate: 1e-2 }],
      [{ minibatches: 2 }],
    ],
  },
]
const flat = ({ last }: { readonly last: Snapshot }) => last.model.parameters.flat

describe.each(cases)('$title', ({ train, settings, changes }) => {
  const trained = (
    more: SettingsValues = {},
    given = inputs(),
    {
      engine = testEngine(),
      updates = Infinity,
      resume,
    }: { engine?: Engine; updates?: number; resume?: Snapshot } = {},
  ) => run(train(engine, given, { ...settings, ...more }, resume), updates)

  it('writes more of what is rewarded', async () => {
    const { updates } = await trained({ updates: 40, learningRate: 1e-2, beta: 0.02 })
    expect(updates[0]?.values['reward/mean']).toBeLessThan(0.3)
    expect(updates.at(-1)?.values['reward/mean']).toBeGreaterThan(0.75)
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const given = inputs()
    const whole = await trained({ updates: 5, samplesEvery: 1 }, given)
    const stopped = await trained({ updates: 5, samplesEvery: 1 }, given, { updates: 3 })
    const resumed = await trained({ updates: 5, samplesEvery: 1 }, given, { resume: stopped.last })
    expect(valuesOf(resumed.updates)).toEqual(valuesOf(whole.updates.slice(3)))
    expect(flat(resumed)).toEqual(flat(whole))
    expect(resumed.last.resume).toEqual(whole.last.resume)
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
    await trained({ samplesEvery: 1 }, given, { engine, updates: 2 })
    expect(engine.memory()).toEqual(before)
    expect(given.policy.parameters.flat).toEqual(start)
  })

  it('makes the same update in any parts', async () => {
    const norms = async (accumulation: number) => {
      const { updates } = await trained({
        updates: 1,
        epochs: 1,
        minibatches: 1,
        batchExamples: 8,
        accumulation,
      })
      return updates.map(({ values }) => values['optimizer/gradient-norm'] as number)
    }
    const whole = await norms(1)
    expect(whole[0]).toBeGreaterThan(0)
    for (const parts of [2, 3, 8])
      expect(await norms(parts)).toEqual(whole.map((each) => expect.closeTo(each, 5)))
  })

  it('turns each of its settings into other weights', async () => {
    for (const [changed, beside = {}] of changes) {
      const given = inputs(wantsA, ['a', 'b', 'c'])
      const [one, other] = [await trained(beside, given), await trained({ ...beside, ...changed }, given)]
      const isSame = flat(one).every((each, index) => each === flat(other)[index])
      expect([JSON.stringify(changed), isSame]).toEqual([JSON.stringify(changed), false])
    }
  })

  it('learns nothing from completions that are all worth the same, and says so', async () => {
    const given = inputs(async (texts) => texts.map(() => 0.5))
    const start = given.policy.parameters.flat.slice()
    const result = await trained({ updates: 6, noEndPenalty: 0, optimism: 0 }, given)
    expect(flat(result)).toEqual(start)
    expect(result.updates.at(-1)?.values['optimizer/gradient-norm'] ?? 0).toBe(0)
    if ('reward/equal-groups' in (result.updates[0]?.values ?? {}) && settings['second'] === undefined)
      expect(logsOf(result.events).join()).toContain(
        'In 100 % of the groups all completions have the same reward',
      )
  })

  it('stops with the reason when a reward is no number', async () => {
    const never: Reward = async (texts) => texts.map((_, index) => (index === 3 ? Infinity : 0))
    await expect(trained({}, inputs(never))).rejects.toThrow(
      /The reward reward-model scored Infinity, which is no finite number, for the completion “.*”/,
    )
  })
})

describe('RFT', () => {
  it('refuses to take the best of one', async () => {
    const one = run(trainRft(testEngine(), inputs(), rftSettings({ groupSize: 1 })))
    await expect(one).rejects.toThrow('groupSize: must be at least 2: the best of one is that one')
  })

  it('learns what was kept and nothing else: the likelihood of the best rises', async () => {
    const { updates } = await run(trainRft(testEngine(), inputs(), rftSettings({ updates: 20 })))
    expect(updates.at(-1)?.values['loss/train']).toBeLessThan(updates[0]?.values['loss/train'] as number)
  })
})

describe('XPO', () => {
  it('moves away from what the reference writes when that pays', async () => {
    // what is better alternates, the policy's 32 answers or the 32 of the reference: pairs say nothing of how to write
    const drift = async (optimism: number) => {
      let calls = 0
      const fickle: Reward = async (texts) => {
        calls++
        return texts.map((_, index) => (index + calls + Number(index >= 32)) % 2)
      }
      const settings = onlineDpoSettings({ second: 'reference', optimism, updates: 10, groups: 32 })
      const { updates } = await run(trainOnlineDpo(testEngine(), inputs(fickle), settings))
      return updates.at(-1)?.values['kl/text'] as number
    }
    expect(await drift(0.3)).toBeGreaterThan((await drift(0)) * 1.2)
  })
})
