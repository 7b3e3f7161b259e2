import { describe, expect, it } from 'vitest'
import type { RewardModel } from '../../src-main/model/model'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { logsOf, rewardSettings, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abcdxyz?'
/** Texts with an x somewhere are preferred to texts without. */
const pairs = Array.from({ length: 60 }, (_, row) => {
  const plain = [0, 1, 2].map((place) => 'abcd'[(row * 7 + place * 5 + (row >> place)) % 4]).join('')
  const place = row % 4
  return {
    prompt: '?',
    chosen: `${plain.slice(0, place)}x${plain.slice(place)}`,
    rejected: `${plain}${'yz'[row % 2]}`,
    margin: 1,
  }
})

describe('the reward model’s trainer', () => {
  it('learns what people prefer, and gives it to pairs it never saw', async () => {
    const engine = testEngine()
    const { last, updates } = await run(
      trainRewardModel(
        engine,
        tinyModel(letters),
        pairs,
        rewardSettings({ epochs: 12, heldOutFraction: 0.2 }),
      ),
    )
    expect(updates.at(-1)?.values['accuracy/held-out']).toBe(1)
    const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: true })
    const [withX, without] = await reward([
      { prompt: '?', completion: 'bxdd', hasEnded: true },
      { prompt: '?', completion: 'bddz', hasEnded: true },
    ])
    expect(withX).toBeGreaterThan((without as number) + 1)
  })

  it('keeps its scores around 0 when they are centred', async () => {
    const mean = async (centering: number) => {
      const engine = testEngine()
      const { last } = await run(
        trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings({ epochs: 12, centering })),
      )
      const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: true })
      const scores = await reward(
        pairs.flatMap(({ prompt, chosen, rejected }) => [
          { prompt, completion: chosen, hasEnded: true },
          { prompt, completion: rejected, hasEnded: true },
        ]),
      )
      return Math.abs(scores.reduce((sum, score) => sum + score, 0) / scores.length)
    }
    expect(await mean(0.3)).toBeLessThan((await mean(0)) / 2)
  })

  it('starts at ln 2, where it cannot tell chosen from rejected and no margin is asked for', async () => {
    const same = pairs.map((pair) => ({ ...pair, rejected: pair.chosen }))
    const first = async (margin: number) =>
      (
        await run(
          trainRewardModel(
            testEngine(),
            tinyModel(letters),
            same,
            rewardSettings({ margin, measureEvery: 1, learningRate: 1e-8 }),
          ),
          1,
        )
      ).updates[0]?.values
    expect((await first(0))?.['loss/reward']).toBeCloseTo(Math.log(2), 6) // −log σ(0)
    expect((await first(0))?.['accuracy/train']).toBe(0.5)
    expect((await first(2))?.['loss/reward']).toBeCloseTo(Math.log1p(Math.exp(2)), 5) // −log σ(−2)
    expect((await first(2))?.['loss/reward-held-out']).toBeCloseTo(Math.log1p(Math.exp(2)), 5)
  })

  it('believes what was clearly better more than what was slightly better', async () => {
    // Half say x is better than y, half say y is slightly better than x. With a lead d of x, the slopes
    // −σ(m − d) and σ(m/3 + d) cancel at d = m/3; without margins at 0.
    const divided = [
      { prompt: '?', chosen: 'x', rejected: 'y', margin: 1 },
      { prompt: '?', chosen: 'y', rejected: 'x', margin: 1 / 3 },
    ]
    const lead = async (margin: number) => {
      const engine = testEngine()
      const settings = rewardSettings({
        batchPairs: 2,
        heldOutFraction: 0,
        epochs: 100,
        centering: 0,
        margin,
      })
      const { last } = await run(trainRewardModel(engine, tinyModel(letters), divided, settings))
      const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: true })
      const [x, y] = await reward([
        { prompt: '?', completion: 'x', hasEnded: true },
        { prompt: '?', completion: 'y', hasEnded: true },
      ])
      return (x as number) - (y as number)
    }
    expect(await lead(3)).toBeCloseTo(1, 2)
    expect(await lead(0)).toBeCloseTo(0, 2)
  })

  it('reads the prompt or leaves it away', async () => {
    const tokens = async (readPrompt: 'with-prompt' | 'completion-only') =>
      (
        await run(
          trainRewardModel(testEngine(), tinyModel(letters), pairs, rewardSettings({ readPrompt })),
          1,
        )
      ).updates[0]?.tokens
    expect(await tokens('completion-only')).toBe(8 * 2 * 6) // end token, four letters, end token
    expect(await tokens('with-prompt')).toBe(8 * 2 * 7)
  })

  it('repeats itself exactly with the same seed, and not with another', async () => {
    const values = async (seed: number) =>
      valuesOf(
        (await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, rewardSettings({ seed }))))
          .updates,
      )
    expect(await values(7)).toEqual(await values(7))
    expect(await values(7)).not.toEqual(await values(8))
  })

  it('gives the same weights to the bit when it is stopped and resumed', async () => {
    const settings = rewardSettings({ epochs: 1 })
    const whole = await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, settings))
    const stopped = await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, settings), 3)
    const resumed = await run(
      trainRewardModel(testEngine(), tinyModel(letters), pairs, settings, stopped.last),
    )
    expect(resumed.updates[0]?.step).toBe(4)
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(resumed.last.resume).toEqual(whole.last.resume)
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainRewardModel(engine, tinyModel(letters), pairs, rewardSettings({ measureEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it('counts the pairs it cuts, and refuses no pairs and unknown characters', async () => {
    const long = [...pairs, { prompt: '?', chosen: 'x'.repeat(20), rejected: 'y', margin: 1 }]
    expect(
      logsOf(
        (await run(trainRewardModel(testEngine(), tinyModel(letters), long, rewardSettings({})), 1)).events,
      ),
    ).toEqual(['Longer than 12 tokens and cut to fit: 1 of 61 pairs.'])
    await expect(
      run(trainRewardModel(testEngine(), tinyModel(letters), [], rewardSettings({}))),
    ).rejects.toThrow('pairs: has no preference pairs')
    await expect(
      run(
        trainRewardModel(
          testEngine(),
          tinyModel(letters),
          [{ prompt: '', chosen: 'ü', rejected: 'a', margin: 1 }],
          rewardSettings({}),
        ),
      ),
    ).rejects.toThrow('"ü" (U+00FC) at character 1')
  })
})
