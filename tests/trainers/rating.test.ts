import { describe, expect, it } from 'vitest'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import type { RewardModel } from '../../src-main/model/model'
import { trainRatedReward } from '../../src-main/trainers/rating'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { rewardSettings, run, testEngine, tinyModel, valuesOf } from './tiny'

/** Texts rated by how many a's they have. */
const texts = Array.from({ length: 96 }, (_, place) => {
  const completion = [...'abcd'].map((_, at) => 'ab'[(place >> at) & 1]).join('')
  return { prompt: 'say: ', completion, rating: [...completion].filter((letter) => letter === 'a').length }
})
const settings = (given: Parameters<typeof rewardSettings>[0] = {}) =>
  rewardSettings({
    learnFrom: 'ratings',
    epochs: 14,
    heldOutFraction: 0.2,
    measureEvery: 1000,
    readPrompt: 'completion-only',
    ...given,
  })
const base = () => tinyModel('ab say:')

describe.each(['scalar', 'binned'] as const)('a %s reward model from ratings', (head) => {
  it('scores near the rating, and held-out texts in their order', async () => {
    const engine = testEngine()
    const { updates, last } = await run(trainRatedReward(engine, base(), texts, settings({ head })))
    expect(updates.at(-1)!.values['accuracy/held-out']).toBeGreaterThan(0.95)
    const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: false })
    const scores = await reward(
      ['aaaa', 'abab', 'bbbb'].map((completion) => ({ prompt: '', completion, hasEnded: true })),
    )
    // one of them may be held out, and no text like it is trained on
    ;[4, 2, 0].forEach((rating, i) => expect(Math.abs(scores[i]! - rating)).toBeLessThan(0.75))
    reward.dispose()
  })

  it('repeats itself exactly with the same seed, and resumes to the bit', async () => {
    const short = settings({ head, epochs: 2 })
    const whole = await run(trainRatedReward(testEngine(), base(), texts, short))
    const stopped = await run(trainRatedReward(testEngine(), base(), texts, short), 3)
    expect(valuesOf(stopped.updates)).toEqual(valuesOf(whole.updates).slice(0, 3))
    const resumed = await run(trainRatedReward(testEngine(), base(), texts, short, stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainRatedReward(engine, base(), texts, settings({ head, measureEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })
})

describe('a reward model from ratings', () => {
  it('scores near the rating with several heads, too, and below their mean', async () => {
    const engine = testEngine()
    const { last, updates } = await run(
      trainRatedReward(engine, base(), texts, settings({ heads: 3, epochs: 20 })),
    )
    expect(updates.at(-1)!.values['accuracy/held-out']).toBeGreaterThan(0.95)
    const model = last.model as RewardModel
    expect(model.head).toEqual({ hasSegments: false, ensemble: { heads: 3, caution: 1 } })
    const of = (caution: number) =>
      rewardModelReward(
        engine,
        { ...model, head: { hasSegments: false, ensemble: { heads: 3, caution } } },
        { readPrompt: false },
      )(['aaaa', 'bbbb'].map((completion) => ({ prompt: '', completion, hasEnded: true })))
    const [cautious, bold] = [await of(1), await of(0)]
    ;[4, 0].forEach((rating, i) => {
      expect(Math.abs(bold[i]! - rating)).toBeLessThan(0.6)
      expect(cautious[i]!).toBeLessThan(bold[i]!)
    })
  })

  it('learns another thing of a rating’s own bin than of a bell curve around it', async () => {
    const loss = async (binTarget: 'one-hot' | 'hl-gauss') =>
      (
        await run(
          trainRatedReward(testEngine(), base(), texts, settings({ head: 'binned', binTarget, epochs: 1 })),
        )
      ).updates.map(({ values }) => values['loss/rating'])
    expect(await loss('one-hot')).not.toEqual(await loss('hl-gauss'))
    expect((await loss('one-hot'))[0]).toBeGreaterThan(1) // near ln 5 = 1.61 before anything is known
  })

  it('has bins from the lowest to the highest rating', async () => {
    const { last } = await run(
      trainRatedReward(testEngine(), base(), texts, settings({ head: 'binned', bins: 9, epochs: 1 })),
      1,
    )
    expect((last.model as RewardModel).head).toEqual({
      hasSegments: false,
      bins: { count: 9, lowest: 0, highest: 4 },
    })
    expect(last.model.parameters.spec['score.weight']).toEqual([16, 9])
  })

  it('refuses nothing, one rating for all, and a character it does not know', async () => {
    await expect(run(trainRatedReward(testEngine(), base(), [], settings()))).rejects.toThrow(
      'ratings: has no rated texts: choose a dataset with at least one',
    )
    await expect(
      run(
        trainRatedReward(
          testEngine(),
          base(),
          texts.map((text) => ({ ...text, rating: 3 })),
          settings(),
        ),
      ),
    ).rejects.toThrow('ratings: are all 3: there is nothing to tell apart')
    await expect(
      run(trainRatedReward(testEngine(), base(), [{ prompt: '', completion: 'ü', rating: 1 }], settings())),
    ).rejects.toThrow('ratings: text 1: "ü"')
  })
})

describe('segments', () => {
  it('let the same words be judged by where they stand: in the prompt or in the completion', async () => {
    const pairs = Array.from({ length: 48 }, (_, place) => ({
      prompt: place % 2 ? 'a' : 'b',
      chosen: 'aa',
      rejected: 'ab',
      margin: 1,
    }))
    const { last } = await run(
      trainRewardModel(testEngine(), base(), pairs, rewardSettings({ segments: 'on', epochs: 3 })),
    )
    const model = last.model as RewardModel
    expect(model.head).toEqual({ hasSegments: true })
    for (const name of ['prompt_embed', 'response_embed'])
      expect(Math.max(...model.parameters.view(name).map(Math.abs))).toBeGreaterThan(1e-4)
    const reward = rewardModelReward(testEngine(), model, { readPrompt: true })
    const [inPrompt, inCompletion] = await reward([
      { prompt: 'ab', completion: 'a', hasEnded: false },
      { prompt: 'a', completion: 'ba', hasEnded: false },
    ])
    expect(inPrompt).not.toBeCloseTo(inCompletion!, 4)
    reward.dispose()
  })
})
