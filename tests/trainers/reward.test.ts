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

/** Of all texts of the pairs. */
const scoresOf = (model: RewardModel): Promise<readonly number[]> =>
  rewardModelReward(testEngine(), model, { readPrompt: true })(
    pairs.flatMap(({ prompt, chosen, rejected }) => [
      { prompt, completion: chosen, hasEnded: true },
      { prompt, completion: rejected, hasEnded: true },
    ]),
  )

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

  it('keeps its scores small when their size is penalised', async () => {
    const size = async (sizePenalty: number) => {
      const settings = rewardSettings({ epochs: 8, sizePenalty, centering: 0, margin: 0 })
      const { last } = await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, settings))
      const scores = await scoresOf(last.model as RewardModel)
      return scores.reduce((sum, score) => sum + score ** 2, 0) / scores.length
    }
    expect(await size(0.3)).toBeLessThan((await size(0)) / 4)
  })

  it.each([1, 3])('moves the zero of %i heads afterwards to the mean score of its pairs', async (heads) => {
    const trained = async (zeroMean: 'on' | 'off') => {
      const settings = rewardSettings({ epochs: 6, heads, zeroMean, heldOutFraction: 0, centering: 0 })
      const { last } = await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, settings))
      return scoresOf(last.model as RewardModel)
    }
    const mean = (scores: readonly number[]): number =>
      scores.reduce((sum, score) => sum + score, 0) / scores.length
    expect(mean(await trained('on'))).toBeCloseTo(0, 4)
    expect(Math.abs(mean(await trained('off')))).toBeGreaterThan(0.01)
  })

  it('asks every pair for its margin: the first loss is that of the scores it begins with', async () => {
    const first = async (margin: number) => {
      const settings = rewardSettings({ margin, batchPairs: 60, heldOutFraction: 0, learningRate: 1e-8 })
      const { updates, last } = await run(
        trainRewardModel(testEngine(), tinyModel(letters), pairs, settings),
        1,
      )
      const reward = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
      const of = (which: 'chosen' | 'rejected') =>
        reward(pairs.map((pair) => ({ prompt: pair.prompt, completion: pair[which], hasEnded: true })))
      const rejected = await of('rejected')
      const leads = (await of('chosen')).map((score, index) => score - (rejected[index] as number))
      const byHand = leads.reduce((sum, lead) => sum + Math.log1p(Math.exp(margin - lead)), 0) / pairs.length
      expect(updates[0]?.values['loss/reward']).toBeCloseTo(byHand, 4)
      return byHand
    }
    expect(await first(2)).toBeGreaterThan((await first(0)) + 1)
  })

  it('leaves out pairs whose completions are the same, and refuses when all are', async () => {
    const ties = pairs.map((pair) => ({ ...pair, rejected: pair.chosen }))
    const train = (given: typeof pairs) =>
      run(trainRewardModel(testEngine(), tinyModel(letters), given, rewardSettings({})))
    const { events, updates } = await train([...pairs, ...ties.slice(0, 7)])
    expect(logsOf(events)[0]).toBe(
      'Left out, because both completions are the same to the model: 7 of 67 pairs.',
    )
    expect(valuesOf(updates)).toEqual(valuesOf((await train(pairs)).updates))
    await expect(train(ties)).rejects.toThrow('pairs: hold the same completion twice')
  })

  it.each([{ accumulation: 3 }, { recompute: 'on' }] as const)(
    'makes the same updates with %o',
    async (more) => {
      const losses = async (settings: Parameters<typeof rewardSettings>[0]) =>
        (
          await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, rewardSettings(settings)))
        ).updates.map(({ values }) => values['loss/reward'] as number)
      const plain = await losses({})
      for (const [index, loss] of (await losses(more)).entries())
        expect(loss).toBeCloseTo(plain[index] as number, 4)
    },
  )

  it('learns cut texts where that is asked for, and then scores them, too', async () => {
    // What is preferred stands at the beginning, so that a cut text shows it.
    const begun = pairs.map((pair, row) => ({
      ...pair,
      chosen: `x${pair.rejected.slice(1)}`,
      rejected: `${'yz'[row % 2]}${pair.rejected.slice(1)}`,
    }))
    const lead = async (cutFraction: number) => {
      const engine = testEngine()
      const settings = rewardSettings({ cutFraction, epochs: 8, margin: 0 })
      const { last } = await run(trainRewardModel(engine, tinyModel(letters), begun, settings))
      const reward = rewardModelReward(engine, last.model as RewardModel, { readPrompt: true })
      const [x, y] = await reward([
        { prompt: '?', completion: 'xb', hasEnded: false },
        { prompt: '?', completion: 'yb', hasEnded: false },
      ])
      return (x as number) - (y as number)
    }
    expect(await lead(0.5)).toBeGreaterThan(1)
    expect(await lead(0.5)).toBeGreaterThan(await lead(0))
  })

  it('says at the end how far its accuracy can be believed, by length and by what was said', async () => {
    const said = pairs.map((pair, index) => ({ ...pair, margin: index % 2 ? 1 : 1 / 3 }))
    const { events, updates } = await run(
      trainRewardModel(
        testEngine(),
        tinyModel(letters),
        said.map((pair, index) => (index % 3 ? pair : { ...pair, chosen: `${pair.chosen}a` })),
        rewardSettings({ epochs: 12, heldOutFraction: 0.2 }),
      ),
    )
    const values = updates.at(-1)!.values
    expect(values['accuracy/held-out']).toBe(1)
    expect(values['accuracy/held-out-count']).toBe(12)
    // 12 of 12 right: Wilson's interval is from 12 / (12 + 1.96²) to 1
    expect(values['accuracy/held-out-low']).toBeCloseTo(12 / (12 + 1.959964 ** 2), 5)
    expect(values['accuracy/held-out-high']).toBe(1)
    const logs = logsOf(events)
    expect(logs.at(-2)).toMatch(
      /^Held-out pairs told apart: all 100 % \(76 % to 100 %, 12 pairs\); .*slightly better .*chosen longer/,
    )
    expect(logs.at(-1)).toMatch(/^How sure it is against how right it is: .* Mean distance 0\.\d+\.$/)
    const report = events.findLast((event) => event.kind === 'report')!
    expect(report.step).toBe(updates.at(-1)!.step)
    const counted = (part: string) =>
      report.rows.filter((row) => row.part === part).reduce((sum, { count }) => sum + count, 0)
    expect([counted('accuracy'), counted('margin'), counted('length')]).toEqual([12, 12, 12])
    expect(counted('calibration')).toBe(24) // the bins, and their mean distance
    expect(report.rows.find(({ name }) => name === 'mean distance')!.value).toBe(
      values['accuracy/calibration-error'],
    )
    expect(report.rows.some(({ name }) => name.startsWith('chosen longer'))).toBe(true)
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

  it('is less sure of a text the more its heads differ on it', async () => {
    const settings = rewardSettings({ heads: 4, epochs: 6, caution: 2 })
    const { last, updates } = await run(trainRewardModel(testEngine(), tinyModel(letters), pairs, settings))
    const model = last.model as RewardModel
    const bold: RewardModel = { ...model, head: { hasSegments: false, ensemble: { heads: 4, caution: 0 } } }
    const [cautious, means] = [await scoresOf(model), await scoresOf(bold)]
    cautious.forEach((score, index) => expect(score).toBeLessThan(means[index] as number))
    expect(updates.at(-1)?.values['accuracy/held-out']).toBe(1)
    const between = updates.at(-1)?.values['margin/between-heads'] as number
    expect(between).toBeGreaterThan(0)
    expect(between).toBeLessThan(updates.at(-1)?.values['margin/held-out'] as number)
    // four heads that began otherwise and drew other pairs
    const weights = model.parameters.view('score.weight')
    expect(new Set(Array.from({ length: 4 }, (_, head) => weights[head])).size).toBe(4)
  })

  it('makes the same updates of several heads, however the batch is cut', async () => {
    const losses = async (accumulation: number) =>
      (
        await run(
          trainRewardModel(
            testEngine(),
            tinyModel(letters),
            pairs,
            rewardSettings({ heads: 3, accumulation }),
          ),
        )
      ).updates.map(({ values }) => values['loss/reward'] as number)
    const whole = await losses(1)
    for (const parts of [2, 3, 8])
      for (const [index, loss] of (await losses(parts)).entries())
        expect(loss).toBeCloseTo(whole[index] as number, 4)
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
    const settings = rewardSettings({ epochs: 1, heads: 2, zeroMean: 'on' })
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
