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

  it('starts at ln 2, where it cannot tell chosen from rejected', async () => {
    const same = pairs.map((pair) => ({ ...pair, rejected: pair.chosen }))
    const { updates } = await run(
      trainRewardModel(testEngine(), tinyModel(letters), same, rewardSettings({})),
      1,
    )
    expect(updates[0]?.values['loss/reward']).toBeCloseTo(Math.log(2), 6) // −log σ(0)
    expect(updates[0]?.values['accuracy/train']).toBe(0.5)
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
    const long = [...pairs, { prompt: '?', chosen: 'x'.repeat(20), rejected: 'y' }]
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
          [{ prompt: '', chosen: 'ü', rejected: 'a' }],
          rewardSettings({}),
        ),
      ),
    ).rejects.toThrow('"ü" (U+00FC) at character 1')
  })
})
