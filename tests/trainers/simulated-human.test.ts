/** The alarm that counts, held against a known gold reward that a policy over-optimises. */
import { describe, expect, it } from 'vitest'
import type { LanguageModel } from '../../src-main/model/model'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import type { OpenTerm } from '../../src-main/rewards/terms'
import { trainGrpo } from '../../src-main/trainers/grpo'
import type { TrainerEvent } from '../../src-main/trainers/trainer'
import { aWriter, gold, learnedFromGold, letters, writtenBy } from '../helpers/simulated-human'
import { mean } from '../maths/tensors'
import { grpoSettings, testEngine } from './tiny'

const texts = 4000
const goldOf = async (model: LanguageModel): Promise<number> =>
  mean((await writtenBy(model, texts, 99)).map(gold))

/** What gold says of the policy now and then, until the alarm rings or the run ends. */
async function trainedUntilAlarm(trainer: AsyncGenerator<TrainerEvent>) {
  const golds: number[] = []
  let policy: LanguageModel | undefined
  for await (const event of trainer) {
    if (event.kind === 'update') {
      policy = event.snapshot().model as LanguageModel
      if (event.step % 5 === 0) golds.push(await goldOf(policy))
    }
    if (event.kind === 'log' && event.text.includes('held-out'))
      return { golds, alarm: event.text, atAlarm: await goldOf(policy!) }
  }
  return { golds }
}

describe('a policy that over-optimises what a simulated human taught', async () => {
  const start = await aWriter()
  const model = await learnedFromGold(start)
  const reward: OpenTerm = {
    source: 'reward-model',
    place: 1,
    weight: 1,
    score: rewardModelReward(testEngine(), model, { readPrompt: true }),
  }
  const watched: OpenTerm = {
    source: 'rule',
    place: 1,
    weight: 0,
    score: async (all) => all.map(gold),
  }
  const settings = grpoSettings({
    groups: 32,
    groupSize: 16,
    updates: 160,
    epochs: 1,
    minibatches: 1,
    maxTokens: letters + 3,
    klBeta: 0,
    learningRate: 1e-3,
    noEndPenalty: 0,
  })
  const training = (rewards: readonly OpenTerm[]) =>
    trainGrpo(testEngine(), { policy: start, rewards, prompts: [] }, settings)

  it('makes the main alarm ring before gold has lost a tenth of its gain', async () => {
    const before = await goldOf(start)
    const { golds, alarm, atAlarm } = await trainedUntilAlarm(training([reward, watched]))
    const best = Math.max(...golds)
    expect(best - before).toBeGreaterThan(0.5) // there is a gain to lose
    expect(alarm).toMatch(
      /^The reward rises from .* while the held-out one falls from .*: the reward is being gamed\./,
    )
    expect(best - atAlarm!).toBeLessThan(0.1 * (best - before))
  })

  it('does not make it ring where gold itself is the reward', async () => {
    const both = [
      { ...watched, weight: 1 },
      { ...watched, place: 2 as const },
    ]
    expect(await trainedUntilAlarm(training(both))).not.toHaveProperty('alarm')
  })
})
