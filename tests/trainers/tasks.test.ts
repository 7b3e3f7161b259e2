/** Trainers on small tasks whose best answer is known. */
import { describe, expect, it } from 'vitest'
import type { LanguageModel } from '../../src-main/model/model'
import { generate } from '../../src-main/model/writing/generation'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import { trainGrpo } from '../../src-main/trainers/grpo'
import { trainIlql } from '../../src-main/trainers/ilql'
import { trainOnlineDpo } from '../../src-main/trainers/online-dpo'
import { trainPpo } from '../../src-main/trainers/ppo'
import { trainRft } from '../../src-main/trainers/rft'
import { trainSft } from '../../src-main/trainers/sft'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { anyAnswers, countdowns, makesTarget, rising, shortness, walksOf } from '../helpers/tasks'
import { mean } from '../maths/tensors'
import {
  fluentModel,
  grpoSettings,
  ilqlSettings,
  onlineDpoSettings,
  ppoSettings,
  rewardedBy,
  rftSettings,
  run,
  sftSettings,
  testEngine,
  tinyModel,
} from './tiny'

type Scoring = (text: ScoredText) => number
const rewardOf =
  (scoring: Scoring): Reward =>
  async (texts) =>
    texts.map(scoring)

async function imitating(
  model: LanguageModel,
  texts: readonly { readonly prompt: string; readonly completion: string }[],
): Promise<LanguageModel> {
  const settings = sftSettings({ epochs: 12, batchExamples: 32, heldOutFraction: 0 })
  return (await run(trainSft(testEngine(), model, texts, settings))).last.model as LanguageModel
}

/** Mean score of what a model writes, each prompt twenty times. */
async function scoreOf(model: LanguageModel, prompts: readonly string[], scoring: Scoring): Promise<number> {
  const asked = prompts.flatMap((prompt) => new Array<string>(20).fill(prompt))
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 10, seed: 99 }
  const written = await generate(testEngine(), model, asked, sampling)
  return mean(written.map(({ prompt, text, hasEnded }) => scoring({ prompt, completion: text, hasEnded })))
}
const trained = async (trainer: AsyncGenerator<TrainerEvent>): Promise<LanguageModel> =>
  (await run(trainer)).last.model as LanguageModel

describe('walks to a goal', async () => {
  const walks = walksOf(12, 0.18, 7)
  const seen = walks.any(800, 3)
  const start = await imitating(tinyModel(walks.letters, 12), seen)
  const inputs = { policy: start, rewards: rewardedBy(rewardOf(walks.optimality)), prompts: walks.starts }
  const common = { updates: 60, maxTokens: 10, klBeta: 0, learningRate: 1e-2, noEndPenalty: 0 }
  const groups = { groups: 11, groupSize: 8, epochs: 1, minibatches: 2 }

  it('score by hand: the shortest is 1, what is no walk is 0', () => {
    const score = mean(seen.map(walks.optimality))
    expect(score).toBeGreaterThan(0.05)
    expect(score).toBeLessThan(0.6)
    expect(walks.optimality({ prompt: 'b', completion: '' })).toBe(0)
    const best = Math.max(...seen.map(walks.optimality))
    expect(best).toBe(1)
  })

  const ways: readonly (readonly [string, () => AsyncGenerator<TrainerEvent>])[] = [
    ['PPO', () => trainPpo(testEngine(), inputs, ppoSettings({ ...common, completions: 88, epochs: 2 }))],
    [
      'RLOO',
      () =>
        trainGrpo(
          testEngine(),
          inputs,
          grpoSettings({ ...common, ...groups, advantage: 'leave-one-out', importance: 'text' }),
        ),
    ],
    ['GRPO', () => trainGrpo(testEngine(), inputs, grpoSettings({ ...common, ...groups }))],
    [
      'ILQL',
      () =>
        trainIlql(
          testEngine(),
          start,
          seen.map((text) => ({ ...text, rating: walks.optimality(text) })),
          ilqlSettings({ epochs: 30, guidance: 8, tau: 0.8, batchExamples: 64, learningRate: 5e-3 }),
        ),
    ],
  ]
  it.each(ways)('are learned by %s: optimality above 0.9', async (_, train) => {
    const before = await scoreOf(start, walks.starts, walks.optimality)
    expect(before).toBeLessThan(0.6)
    expect(await scoreOf(await trained(train()), walks.starts, walks.optimality)).toBeGreaterThan(0.9)
  })
})

describe('rising digits', () => {
  it('are learned by GRPO, from a model that writes any', async () => {
    const digits = Array.from({ length: 60 }, (_, n) => ({
      prompt: '',
      completion: String((n * 7919 + 104_729) % 1_000_000),
    }))
    const start = await imitating(tinyModel('0123456789', 12), digits)
    const inputs = { policy: start, rewards: rewardedBy(rewardOf(rising)), prompts: [] }
    const settings = grpoSettings({
      updates: 60,
      maxTokens: 8,
      klBeta: 0,
      groups: 4,
      groupSize: 16,
      learningRate: 1e-2,
    })
    expect(await scoreOf(start, [''], rising)).toBeLessThan(0.5)
    expect(
      await scoreOf(await trained(trainGrpo(testEngine(), inputs, settings)), [''], rising),
    ).toBeGreaterThan(0.9)
  })
})

describe('countdown with three numbers', async () => {
  const start = await imitating(tinyModel('0123456789=+*-', 16), anyAnswers(400, 5))
  const inputs = { policy: start, rewards: rewardedBy(rewardOf(makesTarget)), prompts: countdowns }
  const common = { updates: 80, maxTokens: 6, groups: 4, groupSize: 32, learningRate: 5e-3, noEndPenalty: 0 }

  it('is scored by arithmetic, and by nothing else', () => {
    const score = (prompt: string, completion: string) => makesTarget({ prompt, completion })
    expect(score('235=11', '2*3+5')).toBe(1)
    expect(score('235=11', '5+3*2')).toBe(0) // from left to right it is 16
    expect(score('235=11', '2+9+0')).toBe(0)
    expect(score('235=11', '11')).toBe(0)
  })

  it.each([
    ['GRPO', () => trainGrpo(testEngine(), inputs, grpoSettings({ ...common, klBeta: 0 }))],
    ['RFT', () => trainRft(testEngine(), inputs, rftSettings({ ...common, batchExamples: 8 }))],
  ] as const)('is learned by %s', async (_, train) => {
    expect(await scoreOf(start, countdowns, makesTarget)).toBeLessThan(0.45)
    expect(await scoreOf(await trained(train()), countdowns, makesTarget)).toBeGreaterThan(0.8)
  })
})

describe('short answers', () => {
  it('are learned by online DPO', async () => {
    const policy = await fluentModel()
    const inputs = { policy, rewards: rewardedBy(rewardOf(shortness)), prompts: [] }
    // a seed with which one letter alone is drawn at all: from texts of two to four it is rare, and what is never drawn
    // is not learned (with others two letters, 0.5, are where it ends)
    const settings = onlineDpoSettings({ updates: 40, groups: 16, learningRate: 1e-2, beta: 0.02, seed: 7 })
    expect(await scoreOf(policy, [''], shortness)).toBeLessThan(0.55)
    const learned = await trained(trainOnlineDpo(testEngine(), inputs, settings))
    expect(await scoreOf(learned, [''], shortness)).toBeGreaterThan(0.85)
  })
})
