/** How a completion is ended for training, and at which of its tokens it is given what. */
import { describe, expect, it } from 'vitest'
import { spreadToOne } from '../../src-main/maths/whiten'
import { joinedSoFar } from '../../src-main/maths/steps'
import { createRewardModel } from '../../src-main/model/heads'
import { seeded } from '../../src-main/maths/random'
import type { Reward, ScoredText } from '../../src-main/rewards/reward'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { scoresOf } from '../../src-main/rewards/terms'
import { trainPpo } from '../../src-main/trainers/ppo'
import { withAdvantages } from '../../src-main/trainers/ppo-experience'
import type { Drawn } from '../../src-main/trainers/rollout'
import { rewardsAtTokens } from '../../src-main/trainers/token-rewards'
import fixture from '../fixtures/policy-losses/whitened.json'
import { ppoSettings, rewardedBy, run, testEngine, tinyModel } from './tiny'

const letters = 'abc'

describe('a stop text', () => {
  it('ends a completion that is written for training, which is scored without it', async () => {
    const seen: ScoredText[] = []
    const listens: Reward = async (texts) => {
      seen.push(...texts)
      return texts.map(({ completion }) => completion.length)
    }
    const inputs = { policy: tinyModel(letters), rewards: rewardedBy(listens), prompts: [] }
    const settings = ppoSettings({ stop: 'b, ca', updates: 1, noEndPenalty: 5, samplesEvery: 100 })
    const { updates } = await run(trainPpo(testEngine(), inputs, settings))
    const drawn = seen.slice(0, settings.completions)
    expect(drawn.every(({ completion }) => !/b|ca/.test(completion))).toBe(true)
    // a third of all letters is a b: nearly all have ended within eight
    expect(drawn.filter(({ hasEnded }) => hasEnded).length).toBeGreaterThan(10)
    expect(updates[0]?.values['text/ended']).toBe(
      drawn.filter(({ hasEnded }) => hasEnded).length / drawn.length,
    )
    // what ended there is learned with the stop text: it has more tokens than letters
    expect(updates[0]?.values['text/length']).toBeGreaterThan(
      drawn.reduce((sum, { completion }) => sum + completion.length, 0) / drawn.length,
    )
  })
})

/** Three letters and the end token, at a critic that says ½ everywhere. */
function drawn(hasEnded = true): Drawn {
  const { tokenizer } = tinyModel(letters)
  const zeros = new Float32Array(4)
  const completion = {
    prompt: '',
    text: 'abc',
    ids: Int32Array.of(tokenizer.beginToken, ...tokenizer.encode('abc'), tokenizer.endToken),
    promptTokens: 1,
    completionTokens: 3,
    hasEnded,
  }
  const logProbs = Float32Array.of(-1, -1, -1, -1)
  const referenceLogProbs = Float32Array.of(-1.5, -1, -1, -1)
  return {
    completion,
    logProbs,
    referenceLogProbs,
    kl: zeros,
    klDrawn: zeros,
    entropy: zeros,
    values: new Float32Array(4).fill(0.5),
  }
}

describe('a reward that is made of parts', () => {
  const { tokenizer } = tinyModel(letters)
  const parts = [
    { after: 1, reward: 2 },
    { after: 2, reward: -1 },
    { after: 3, reward: 4 },
  ]

  it('is given at the tokens that end its parts, and what is known at the end at the last one', () => {
    const at = rewardsAtTokens(tokenizer, drawn().completion, parts)
    expect(at).toEqual([
      { token: 0, reward: 2 },
      { token: 1, reward: -1 },
      { token: 3, reward: 4 },
    ])
  })

  it('teaches each token what comes after it, the KL of each beside', () => {
    const settings = ppoSettings({ klEstimator: 'sampled', whitenAdvantages: 'off', gamma: 1, lambda: 0 })
    const of = (hasEnded: boolean, more: Partial<typeof settings> = {}) => {
      const one = drawn(hasEnded)
      const placed = [rewardsAtTokens(tokenizer, one.completion, parts)]
      const { experience } = withAdvantages([one], [5], 0.1, { ...settings, ...more }, placed)
      return [...(experience[0]?.advantages ?? [])].map((each) => Math.round(each * 1e4) / 1e4)
    }
    // λ = 0: r + ½ − ½, and at the end r − ½; the first token drifts by 0.5 nats, at β 0.1
    expect(of(true)).toEqual([2 - 0.05, -1, 0, 4 - 0.5])
    expect(of(false, { noEndPenalty: 1 })).toEqual([2 - 0.05, -1, 0, 4 - 0.5 - 1])
    expect(of(false, { noEndPenalty: 1, withoutEnd: 'replaced' })).toEqual([-0.05, 0, 0, -1 - 0.5])
  })

  it('adds up with others, each by its weight; without being asked for parts nothing has any', async () => {
    const inParts: Reward = Object.assign(async (texts: readonly ScoredText[]) => texts.map(() => 5), {
      inParts: async (texts: readonly ScoredText[]) => texts.map(() => parts),
    })
    const terms = rewardedBy(inParts)
    const whole: Reward = async (texts) => texts.map(() => 7)
    const all = [...terms, { source: 'lexicon', place: 1, weight: 2, score: whole } as const]
    const text = { prompt: '', completion: 'abc', hasEnded: true }
    expect(await scoresOf(all, [text], { inParts: true })).toMatchObject({
      reward: [19],
      parts: [[...parts, { after: 3, reward: 14 }]],
    })
    expect(await scoresOf(all, [text])).not.toHaveProperty('parts')
  })

  it('teaches another policy where it arises than at the end', async () => {
    const firstLetter: Reward = Object.assign(
      async (texts: readonly ScoredText[]) => texts.map(({ completion }) => Number(completion[0] === 'a')),
      {
        inParts: async (texts: readonly ScoredText[]) =>
          texts.map(({ completion }) => [{ after: 1, reward: Number(completion[0] === 'a') }]),
      },
    )
    const train = async (rewardAt: 'end' | 'where-it-arises') =>
      run(
        trainPpo(
          testEngine(),
          { policy: tinyModel(letters), rewards: rewardedBy(firstLetter), prompts: [] },
          ppoSettings({ rewardAt, updates: 12, learningRate: 1e-2, klBeta: 0 }),
        ),
      )
    const [atEnd, there] = [await train('end'), await train('where-it-arises')]
    expect(there.last.model.parameters.flat).not.toEqual(atEnd.last.model.parameters.flat)
    expect(there.updates.at(-1)?.values['reward/mean']).toBeGreaterThan(
      (there.updates[0]?.values['reward/mean'] ?? 1) + 0.2,
    )
  })
})

describe('a process reward model’s parts', () => {
  it.each(['product', 'least'] as const)('are what each step changes of the %s', async (joined) => {
    const model = createRewardModel(tinyModel('abx?\n', 24), seeded(3), {
      hasSegments: false,
      steps: { joined },
    })
    model.parameters.view('score.weight').forEach((_, index, all) => (all[index] = Math.sin(index) / 2))
    const reward = rewardModelReward(testEngine(), model, { readPrompt: true })
    const text = { prompt: 'ab?', completion: 'ab\n\nxba\naa', hasEnded: true }
    const [parts = []] = (await reward.inParts?.([text])) ?? []
    expect(parts.map(({ after }) => after)).toEqual([4, 8, 10])
    const begun = [4, 8].map((end) => ({
      prompt: 'ab?',
      completion: text.completion.slice(0, end),
      hasEnded: false,
    }))
    const scores = await reward([...begun, text])
    let sum = 0
    parts.forEach(({ reward: part }, step) => expect((sum += part)).toBeCloseTo(scores[step] as number, 5))
    reward.dispose()
  })

  it('are nothing but the first score where the least does not change', () => {
    expect(joinedSoFar([0, 3, 0], 'least')).toEqual([0.5, 0.5, 0.5])
    expect(joinedSoFar([0, 0, -800], 'product')).toEqual([0.5, 0.25, 0])
  })
})

describe('whitened token rewards', () => {
  it.each(fixture.cases)(
    'are those of the reference, without its mean shifted: $name',
    ({ given, whitened }) => {
      const { values, scale } = spreadToOne(given)
      values.forEach((value, index) => expect(value).toBeCloseTo(whitened[index] as number, 6))
      expect((values[1]! - values[0]!) / (given[1]! - given[0]!)).toBeCloseTo(scale, 6)
    },
  )

  it('leave the KL its share: it is multiplied as they are', () => {
    const settings = ppoSettings({ rewardScale: 'whitened-tokens', whitenAdvantages: 'off' })
    const { scale } = withAdvantages([drawn()], [7], 0.1, settings)
    // rewards 0, 0, 0, 7: a deviation of 3.5
    expect(scale).toBeCloseTo(1 / 3.5, 6)
  })
})
