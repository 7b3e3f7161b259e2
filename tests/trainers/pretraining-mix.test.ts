/** What a policy goes on reading while it learns from a reward. */
import { describe, expect, it } from 'vitest'
import { copyParameters } from '../../src-main/compute/parameters'
import type { Reward } from '../../src-main/rewards/reward'
import { inPartsOfLikeLength, nextTokenLoss, positionsOf } from '../../src-main/trainers/next-token'
import type { NextTokenBatch } from '../../src-main/trainers/next-token'
import { optimizerOf } from '../../src-main/trainers/optimizer'
import { examplesAt } from '../../src-main/trainers/order'
import { trainPpo } from '../../src-main/trainers/ppo'
import { withAdvantages } from '../../src-main/trainers/ppo-experience'
import { openPpoUpdates, startingModels } from '../../src-main/trainers/ppo-update'
import { openPretrainingMix } from '../../src-main/trainers/pretraining-mix'
import { openRoller } from '../../src-main/trainers/roller'
import { rowOf } from '../../src-main/trainers/rows'
import { ppoSettings, rewardedBy, run, testEngine, tinyModel } from './tiny'

const letters = 'abc'
const texts = Array.from({ length: 30 }, (_, row) => ({
  prompt: '',
  completion: 'abc'.repeat(4).slice(0, 1 + ((row * 7) % 11)),
}))
const wantsB: Reward = async (given) =>
  given.map(({ completion }) => [...completion].filter((letter) => letter === 'b').length)
const inputs = () => ({ policy: tinyModel(letters), rewards: rewardedBy(wantsB), prompts: [] })

describe('the pretraining mix', () => {
  it('is each text of an update once, dealt to its parts by length, the same whenever it is asked', () => {
    const policy = tinyModel(letters)
    const mix = openPretrainingMix(policy, texts, { ptxWeight: 1, ptxExamples: 7, seed: 3 })!
    const parts = mix.at(5, 3)
    const rows = examplesAt(
      texts.map((text) => rowOf(policy.tokenizer, text, 12)),
      7,
      5,
      3,
    )
    const learned = parts.reduce(
      (sum, { pretrainMask: { data } }) => sum + Array.from(data).reduce((a, b) => a + b, 0),
      0,
    )
    expect(learned).toBe(rows.reduce((sum, row) => sum + positionsOf(row), 0))
    expect(parts.map(({ pretrainTokens }) => pretrainTokens.data[0])).toEqual([learned, learned, learned])
    expect(mix.at(5, 3)).toEqual(parts)
    expect(mix.at(6, 3)).not.toEqual(parts)
    // more parts than texts: those that get none have something of the same shape to read
    expect(mix.at(5, 9).map(({ pretrainIds: { shape } }) => shape[0])).toEqual(Array(9).fill(1))
  })

  it.each(['separate', 'value-head'] as const)(
    'teaches by itself what fine-tuning on it teaches: critic %s, in parts',
    async (critic) => {
      const settings = ppoSettings({ critic, ptxWeight: 0.7, ptxExamples: 12, valueWeight: 0, klBeta: 0 })
      const policy = tinyModel(letters)
      const models = startingModels(policy, settings)
      const engine = testEngine()
      const plan = { rows: 2, lengths: [8] }
      const roller = openRoller(engine, { ...models, reference: policy }, plan, {
        temperature: 1,
        keepReferenceStates: false,
      })
      const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 8, seed: 2 }
      const drawn = await roller.roll(['', '', '', '', ''], sampling)
      // every reward is 0: without whitening so is every advantage
      const { experience } = withAdvantages(drawn, [0, 0, 0, 0, 0], 0, {
        ...settings,
        noEndPenalty: 0,
        whitenAdvantages: 'off',
      })
      const mix = openPretrainingMix(policy, texts, settings)
      const updates = openPpoUpdates(engine, models, plan, settings, mix)
      const how = { stepShare: 1, isWarmingUp: false, klWeight: 0, update: 4 }
      const said = await updates.apply(experience, how)
      // the same texts as one batch of fine-tuning
      const parameters = copyParameters(policy.parameters)
      const step = engine.trainStep<NextTokenBatch>(
        parameters,
        (weights, batch) => ({ loss: nextTokenLoss(policy.config, weights, batch) }),
        optimizerOf(settings),
      )
      const rows = texts.map((text) => rowOf(policy.tokenizer, text, 12))
      const read = inPartsOfLikeLength(examplesAt(rows, 12, 4, settings.seed), { rows: 12, lengths: [12] })
      const alone = await step.update(
        read.map(({ batch }) => batch),
        settings.learningRate,
      )
      expect(said['pretraining']).toBeCloseTo(alone['loss'] as number, 5)
      expect(said['gradientNorm']).toBeCloseTo(0.7 * (alone['gradientNorm'] as number), 5)
      roller.dispose()
      updates.dispose()
      step.dispose()
    },
  )

  it('keeps a policy at what it reads, and resumes to the bit', async () => {
    const settings = ppoSettings({ updates: 10, ptxWeight: 1, learningRate: 1e-2, klBeta: 0 })
    const mixed = { ...inputs(), pretraining: texts }
    const whole = await run(trainPpo(testEngine(), mixed, settings))
    const losses = whole.updates.map(({ values }) => values['loss/pretraining'] as number)
    expect(losses.at(-1)).toBeLessThan(losses[0]! - 0.3)
    const stopped = await run(trainPpo(testEngine(), mixed, settings), 4)
    const resumed = await run(trainPpo(testEngine(), mixed, settings, stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    const without = await run(trainPpo(testEngine(), mixed, { ...settings, ptxWeight: 0 }))
    expect(without.updates.at(-1)?.values).not.toHaveProperty('loss/pretraining')
    const fewer = await run(trainPpo(testEngine(), mixed, { ...settings, ptxExamples: 3 }))
    for (const other of [without, fewer])
      expect(other.last.model.parameters.flat).not.toEqual(whole.last.model.parameters.flat)
    // the same ratio 1 at the first update of a rollout
    expect(whole.updates.every(({ values }) => values['policy/ratio'] === 1)).toBe(true)
  })

  it('is refused where it has a weight and no texts', async () => {
    const settings = ppoSettings({ ptxWeight: 1 })
    await expect(run(trainPpo(testEngine(), inputs(), settings))).rejects.toThrow(
      'pretraining: has no texts: choose a dataset with at least one',
    )
  })
})
