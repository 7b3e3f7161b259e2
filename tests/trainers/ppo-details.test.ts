/** What PPO may do beside its core: units of reward, where a critic starts, when a rollout is left. */
import { describe, expect, it } from 'vitest'
import { parseSettings } from '../../src-shared/fields'
import { recipeNames, recipeOf } from '../../src-shared/recipes/recipes'
import { compiledEngine } from '../../src-main/compute/cpu/compile'
import { seeded } from '../../src-main/maths/random'
import { noMoments } from '../../src-main/maths/running-moments'
import { createRewardModel } from '../../src-main/model/heads'
import type { LanguageModel } from '../../src-main/model/model'
import type { Reward } from '../../src-main/rewards/reward'
import { trainPpo, ppoTrainer } from '../../src-main/trainers/ppo'
import { scaledRewards, withAdvantages } from '../../src-main/trainers/ppo-experience'
import { openPpoUpdates, startingModels } from '../../src-main/trainers/ppo-update'
import { planRollout, type LengthPlan } from '../../src-main/trainers/real-lengths'
import { openRoller } from '../../src-main/trainers/roller'
import { type Drawn } from '../../src-main/trainers/rollout'
import { ppoSettings, rewardedBy, run, testEngine, tinyModel } from './tiny'

const letters = 'abc'
const byLength: Reward = async (texts) => texts.map(({ completion }) => completion.length)
const inputs = (policy: LanguageModel = tinyModel(letters)) => ({
  policy,
  rewards: rewardedBy(byLength),
  prompts: [],
})
const scoring = (of = letters, contextTokens = 12) =>
  createRewardModel(tinyModel(of, contextTokens, 5), seeded(9, 'head'))

describe('the unit of rewards', () => {
  it('is their deviation so far, and their mean stays', () => {
    const settings = ppoSettings({ rewardScale: 'running-deviation' })
    const first = scaledRewards([10, 12, 14], noMoments, settings)
    expect(first.rewards).toEqual([5, 6, 7]) // deviation 2
    // with 12, 12, 12 more the deviation is √(8 / 5)
    const second = scaledRewards([12, 12, 12], first.moments, settings)
    expect(second.rewards[0]).toBeCloseTo(12 / Math.sqrt(8 / 5), 10)
  })

  it('holds what is beyond the clip, after scaling', () => {
    const rewards = [-30, 0.5, 30]
    expect(scaledRewards(rewards, noMoments, ppoSettings({ rewardClip: 10 })).rewards).toEqual([-10, 0.5, 10])
    expect(scaledRewards(rewards, noMoments, ppoSettings({})).rewards).toEqual(rewards)
  })

  it('of a text that did not end is the penalty alone, where its reward is replaced', () => {
    const settings = { noEndPenalty: 1, klBeta: 0, whitenAdvantages: 'off', lambda: 1 } as const
    const earned = (withoutEnd: 'penalty' | 'replaced') =>
      withAdvantages([cut()], [7], 0, ppoSettings({ ...settings, withoutEnd })).experience[0]?.returns.at(-1)
    expect(earned('penalty')).toBe(6)
    expect(earned('replaced')).toBe(-1)
  })
})

/** Two tokens that did not end. */
function cut(): Drawn {
  const zeros = new Float32Array(2)
  const completion = {
    prompt: '',
    text: 'ab',
    ids: Int32Array.of(0, 1, 2),
    promptTokens: 1,
    completionTokens: 2,
    hasEnded: false,
  }
  const numbers = { logProbs: zeros, referenceLogProbs: zeros, kl: zeros, klDrawn: zeros }
  return { completion, ...numbers, entropy: zeros, values: zeros }
}

describe('a critic that starts from the reward model', () => {
  const settings = ppoSettings({ critic: 'separate', criticFrom: 'reward-model' })

  it('expects of a text so far what the reward model says of it', async () => {
    const rewardModel = scoring()
    const { policy, critic } = startingModels(tinyModel(letters), settings, undefined, rewardModel)
    const engine = testEngine()
    const measuring = { temperature: 1, keepReferenceStates: false }
    const roller = openRoller(
      engine,
      { policy, reference: policy, critic },
      { rows: 4, lengths: [8] },
      measuring,
    )
    const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 2 }
    const drawn = await roller.roll(['', 'ab', 'c', ''], sampling)
    roller.dispose()
    const all = drawn.flatMap(({ values }) => [...values])
    expect(new Set(all).size).toBeGreaterThan(3) // a fresh head says 0 everywhere
    const [weight, bias] = ['weight', 'bias'].map((part) => rewardModel.parameters.view(`score.${part}`))
    expect(critic.parameters.view('v_head.summary.weight')).toEqual(weight)
    expect(critic.parameters.view('v_head.summary.bias')).toEqual(bias)
  })

  it('learns, resumes to the bit, and leaves the reward model as it was', async () => {
    const rewardModel = scoring()
    const head = rewardModel.parameters.view('score.weight').slice()
    const given = { ...inputs(), rewardModel }
    const all = ppoSettings({ ...settings, updates: 4 })
    const whole = await run(trainPpo(testEngine(), given, all))
    const stopped = await run(trainPpo(testEngine(), given, all), 2)
    const resumed = await run(trainPpo(testEngine(), given, all, stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
    expect(rewardModel.parameters.view('score.weight')).toEqual(head)
    const plain = await run(trainPpo(testEngine(), inputs(), ppoSettings({ updates: 4 })))
    expect(plain.last.model.parameters.flat).not.toEqual(whole.last.model.parameters.flat)
  })

  it('is refused where it has other tokens, reads less, or is missing', async () => {
    const { policy } = inputs()
    const problems = (rewardModel: ReturnType<typeof scoring>) =>
      ppoTrainer.checkFound?.(settings, { models: { policy, rewardModel }, texts: {}, machineBytes: 1e10 })
    expect(problems(scoring())).toEqual([])
    expect(
      problems(scoring('abd'))
        ?.map(({ problem }) => problem)
        .join(),
    ).toContain('other tokens')
    expect(problems(scoring(letters, 4))?.map(({ problem }) => problem)).toEqual([
      'cannot be the reward model: it reads 4 tokens, texts can have 8',
    ])
    await expect(run(trainPpo(testEngine(), inputs(), settings))).rejects.toThrow('rewardModel: is missing')
  })
})

describe('a rollout', () => {
  it('is left once the policy is too far from the one that wrote it', async () => {
    const updatesDone = async (updateKl: number) => {
      const settings = ppoSettings({ updates: 2, epochs: 4, learningRate: 1e-2, warmupUpdates: 0, updateKl })
      return (await run(trainPpo(testEngine(), inputs(), settings))).last.resume.numbers['policy/updates']
    }
    expect(await updatesDone(0)).toBe(2 * 4 * 2)
    const left = (await updatesDone(1e-3)) as number
    expect(left).toBeLessThan(2 * 4 * 2)
    // the first finds nothing yet: it is made by the policy that wrote the rollout
    expect(left).toBeGreaterThanOrEqual(2 * 2)
  })
})

describe('the ratio of a rollout’s first update', () => {
  it.each([1, 2])('is exactly 1 on %i threads, whatever lengths texts have', async (threads) => {
    const settings = ppoSettings({ updates: 3, maxTokens: 40, minibatches: 2, completions: 24 })
    for (const critic of ['separate', 'value-head'] as const) {
      const { updates } = await run(
        trainPpo(compiledEngine({ threads }), inputs(tinyModel(letters, 64)), { ...settings, critic }),
      )
      expect(updates.map(({ values }) => values['policy/ratio'])).toEqual([1, 1, 1])
      expect(updates.every(({ values }) => (values['policy/approx-kl'] ?? 0) > 0)).toBe(true)
    }
  })
})

describe('a rollout in parts', () => {
  it('teaches what it teaches in one', async () => {
    const policy = tinyModel(letters, 64)
    const settings = ppoSettings({ klEstimator: 'sampled', critic: 'value-head', entropyBonus: 0.1 })
    const models = () => startingModels(policy, settings)
    const engine = testEngine()
    const measuring = { temperature: 1, keepReferenceStates: false }
    const plan = planRollout(48, { rows: 12, parts: 4 })
    const { policy: own, critic } = models()
    const roller = openRoller(engine, { policy: own, reference: policy, critic }, plan, measuring)
    const prompts = Array.from({ length: 12 }, (_, row) => 'abc'.slice(0, row % 3))
    const drawn = await roller.roll(prompts, { temperature: 1, topK: 0, topP: 1, maxTokens: 40, seed: 2 })
    const { experience } = withAdvantages(
      drawn,
      prompts.map((_, row) => row / 5),
      0.1,
      settings,
    )
    const learned = async (lengths: LengthPlan) => {
      const updates = openPpoUpdates(engine, models(), lengths, settings)
      return updates.apply(experience, { stepShare: 1, isWarmingUp: false, klWeight: 0.1 })
    }
    const one = await learned({ rows: 12, lengths: [48] })
    const many = await learned(plan)
    expect(new Set(drawn.map(({ completion }) => completion.ids.length)).size).toBeGreaterThan(4)
    for (const [name, value] of Object.entries(one))
      expect(Math.abs(many[name]! - value)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)))
    engine.dispose()
  })
})

describe('a preset', () => {
  const all = recipeNames.flatMap((name) =>
    recipeOf(name).presets.map((preset) => [`${name}: ${preset.name}`, name, preset.settings] as const),
  )
  it.each(all)('%s has settings of its recipe, within their bounds', (_, name, settings) => {
    expect(parseSettings(recipeOf(name).fields, settings).problems).toEqual([])
  })
})
