import { describe, expect, it } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import { weight } from '../../src-main/model/network'
import { createRewardModel, rewardScores } from '../../src-main/model/heads'
import { readText } from '../../src-main/model/reading'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import type { ScoredText } from '../../src-main/rewards/reward'
import { engines, runOnce, tinyModel } from '../model/tiny'

const random = seeded('texts')
const word = (longest: number): string =>
  Array.from({ length: Math.floor(random() * longest) }, () => 'abcdefgh .'[Math.floor(random() * 10)]).join(
    '',
  )
/** More than one batch, of all lengths, some too long for the context of 20. */
const texts: readonly ScoredText[] = Array.from({ length: 150 }, () => ({
  prompt: word(8),
  completion: word(24),
  hasEnded: random() < 0.7,
}))

describe.each(engines)('a reward model as a reward on the %s engine', (_, open) => {
  it('gives each text, in order, the score it has when it is read alone', async () => {
    const engine = open()
    const model = createRewardModel(tinyModel(), seeded(2))
    const reward = rewardModelReward(engine, model, { readPrompt: true })
    const scores = await reward(texts)
    expect(scores).toHaveLength(150)
    for (const i of [0, 1, 17, 63, 64, 100, 149]) {
      const { ids } = readText(model.config, model.tokenizer, texts[i]!, true)
      const alone = await runOnce(
        engine,
        model,
        {
          ids: { shape: [1, ids.length], data: ids },
          lengths: { shape: [1], data: Int32Array.of(ids.length) },
        },
        (weights, batch) => ({
          scores: rewardScores(model, weights, {
            ids: weight(batch, 'ids'),
            lengths: weight(batch, 'lengths'),
          }),
        }),
      )
      expect(scores[i]).toBeCloseTo(alone['scores']![0]!, 4)
    }
    reward.dispose()
    engine.dispose()
  })

  it('reads the prompt only when it was trained to', async () => {
    const engine = open()
    const model = createRewardModel(tinyModel(), seeded(2))
    const pair = [
      { prompt: 'a', completion: 'bad', hasEnded: true },
      { prompt: 'hh', completion: 'bad', hasEnded: true },
    ]
    const [reads, ignores] = [
      rewardModelReward(engine, model, { readPrompt: true }),
      rewardModelReward(engine, model, { readPrompt: false }),
    ]
    const [a, b] = await reads(pair)
    expect(a).not.toBe(b)
    const [c, d] = await ignores(pair)
    expect(c).toBe(d)
    reads.dispose()
    ignores.dispose()
    engine.dispose()
  })

  it('tells a text that has ended from one that was cut', async () => {
    const engine = open()
    const reward = rewardModelReward(engine, createRewardModel(tinyModel(), seeded(2)), { readPrompt: true })
    const [ended, cut] = await reward([
      { prompt: '', completion: 'bad', hasEnded: true },
      { prompt: '', completion: 'bad', hasEnded: false },
    ])
    expect(ended).not.toBe(cut)
    reward.dispose()
    engine.dispose()
  })

  it('of no text is none, and leaves nothing behind', async () => {
    const engine = open()
    const before = engine.memory()
    const reward = rewardModelReward(engine, createRewardModel(tinyModel(), seeded(2)), { readPrompt: true })
    expect(await reward([])).toEqual([])
    await reward(texts.slice(0, 3))
    reward.dispose()
    expect(engine.memory()).toEqual(before)
    engine.dispose()
  })
})
