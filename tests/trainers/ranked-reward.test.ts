import { describe, expect, it } from 'vitest'
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import { rankings } from '../../src-main/data/rankings'
import type { RewardModel } from '../../src-main/model/model'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { atEnd, fromFirstDifference } from '../../src-main/trainers/compared-tokens'
import { trainRewardModel } from '../../src-main/trainers/reward'
import { logsOf, rewardSettings, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abxy?'
/** Of each prompt four completions: the more x, the better; two are equally good. */
const rated = Array.from({ length: 24 }, (_, row) => {
  const plain = ['ab', 'ba', 'aa', 'bb'][row % 4] as string
  const prompt = `${'abxy'[Math.floor(row / 4) % 4]}${row}?`.replace(
    /\d/g,
    (digit) => 'ab'[Number(digit) % 2]!,
  )
  return [`xx${plain}`, `x${plain}y`, `y${plain}x`, `yy${plain}`].map((completion, place) => ({
    prompt: `${prompt}${plain}`,
    completion,
    rating: [2, 1, 1, 0][place] as number,
  }))
}).flat()
const said = (most = 9) => rankings([], rated, most)
const ranked = (settings: Partial<RewardSettings> = {}) =>
  rewardSettings({ learnFrom: 'rankings', batchPairs: 4, epochs: 4, ...settings })
const model = () => tinyModel(letters, 16)

const train = (settings: Partial<RewardSettings> = {}, updates?: number) =>
  run(trainRewardModel(testEngine(), model(), said(), ranked(settings)), updates)

describe('a reward model from rankings', () => {
  it('learns their order, and what is equally good', async () => {
    const { updates, events, last } = await train({ epochs: 40, heldOutFraction: 0.2 })
    const values = updates.at(-1)!.values
    expect(values['accuracy/held-out']).toBe(1)
    // τ-b of scores that are all different with one tie in four ratings: 5 / √(6 · 5)
    expect(values['accuracy/rank-correlation']).toBeCloseTo(5 / Math.sqrt(30), 6)
    expect(values['accuracy/ties']).toBeGreaterThan(0.5)
    expect(logsOf(events)[0]).toMatch(/^\d+ rankings of \d+ completions make \d+ pairs\.$/)
    const score = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
    const [two, one, none] = await score(
      ['xxab', 'xaby', 'yyab'].map((completion) => ({ prompt: '?', completion, hasEnded: true })),
    )
    expect(two).toBeGreaterThan(one!)
    expect(one).toBeGreaterThan(none!)
  })

  it('takes the mean of all pairs of a ranking, each completion read once', async () => {
    const settings = { batchPairs: 1, heldOutFraction: 0, margin: 0, learningRate: 1e-8 }
    const one = rankings([], rated.slice(0, 4), 9)
    const { updates, last } = await run(trainRewardModel(testEngine(), model(), one, ranked(settings)), 1)
    const score = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
    const [a, b, c, d] = await score(
      rated.slice(0, 4).map(({ prompt, completion }) => ({ prompt, completion, hasEnded: true })),
    )
    const leads = [a! - b!, a! - c!, a! - d!, b! - d!, c! - d!] // b and c are equally good
    const byHand = leads.reduce((sum, lead) => sum + Math.log1p(Math.exp(-lead)), 0) / leads.length
    expect(updates[0]?.values['loss/reward']).toBeCloseTo(byHand, 4)
    expect(updates[0]?.tokens).toBe(4 * (1 + rated[0]!.prompt.length + 4 + 1))
  })

  it('is the same as pairs where a ranking has two', async () => {
    const pairs = rated
      .filter((_, index) => index % 4 === 0)
      .map(({ prompt, completion }) => ({ prompt, chosen: completion, rejected: 'y', margin: 1 }))
    const updatesOf = async (given: typeof pairs | ReturnType<typeof rankings>) =>
      (await run(trainRewardModel(testEngine(), model(), given, ranked()))).updates
    expect(valuesOf(await updatesOf(rankings(pairs, [], 2)))).toEqual(valuesOf(await updatesOf(pairs)))
  })

  it.each(['end', 'each-token'] as const)(
    'makes the same updates compared at %s, however a batch is cut',
    async (compareAt) => {
      const losses = async (accumulation: number) =>
        (await train({ compareAt, accumulation, heads: 2, epochs: 1, learningRate: 1e-3 })).updates.map(
          ({ values }) => values['loss/reward'] as number,
        )
      const whole = await losses(1)
      for (const parts of [2, 3, 4])
        for (const [index, loss] of (await losses(parts)).entries())
          expect(loss).toBeCloseTo(whole[index] as number, 4)
    },
  )

  it.each(['end', 'each-token'] as const)(
    'repeats itself and resumes to the bit, at %s',
    async (compareAt) => {
      const settings = { compareAt, epochs: 1 }
      const whole = await train(settings)
      const stopped = await train(settings, 2)
      expect(valuesOf(stopped.updates)).toEqual(valuesOf(whole.updates).slice(0, 2))
      const resumed = await run(
        trainRewardModel(testEngine(), model(), said(), ranked(settings), stopped.last),
      )
      expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    },
  )

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(
      trainRewardModel(engine, model(), said(), ranked({ measureEvery: 1, compareAt: 'each-token' })),
      2,
    )
    expect(engine.memory()).toEqual(before)
  })

  it('says what has no preference, and refuses when nothing has', async () => {
    const equal = rated.map((row) => ({ ...row, rating: 1 }))
    const alone = rated.filter((_, index) => index % 4 === 0)
    const refusalOf = async (rows: typeof rated) =>
      run(trainRewardModel(testEngine(), model(), rankings([], rows, 9), ranked()))
    await expect(refusalOf(equal)).rejects.toThrow('rankings: rate all completions of a prompt alike')
    await expect(refusalOf(alone)).rejects.toThrow('rankings: have one completion a prompt')
    await expect(refusalOf([])).rejects.toThrow('rankings: have no ranked completions')
    const some = [
      ...rated,
      { prompt: 'x', completion: 'a', rating: 1 },
      { prompt: 'x', completion: 'b', rating: 1 },
    ]
    const { events } = await run(trainRewardModel(testEngine(), model(), rankings([], some, 9), ranked()), 1)
    expect(logsOf(events)).toContain('Left out, because all their completions are rated alike: 1 prompts.')
  })
})

describe('the tokens at which two texts are compared', () => {
  const text = (prompt: number[], completion: number[]) => ({
    ids: Int32Array.of(...prompt, ...completion),
    promptTokens: prompt.length,
    isCut: false,
  })

  it('are the last ones, or all from the first that differs', () => {
    const [better, worse] = [text([0, 7], [1, 2, 3]), text([0, 7], [1, 4, 5])]
    expect(atEnd(better, worse)).toEqual([{ better: 4, worse: 4 }])
    expect(fromFirstDifference(better, worse)).toEqual([
      { better: 3, worse: 3 },
      { better: 4, worse: 4 },
    ])
  })

  it('go on to the end of the longer one, while the shorter keeps its last', () => {
    expect(fromFirstDifference(text([0], [1, 2, 3]), text([0], [9]))).toEqual([
      { better: 1, worse: 1 },
      { better: 2, worse: 1 },
      { better: 3, worse: 1 },
    ])
    // one is the beginning of the other: they differ from where it has ended
    expect(fromFirstDifference(text([0], [1]), text([0], [1, 2]))).toEqual([{ better: 1, worse: 2 }])
  })

  it('are counted from each completion’s own beginning, where prompts were cut to fit', () => {
    expect(fromFirstDifference(text([0, 7, 8], [1]), text([0], [2]))).toEqual([{ better: 3, worse: 1 }])
  })

  it('are the ends, where nothing differs', () => {
    expect(fromFirstDifference(text([0], [1, 2]), text([0], [1, 2]))).toEqual([{ better: 2, worse: 2 }])
  })
})

describe('a reward model compared at each token', () => {
  it('knows a text by its beginning', async () => {
    // x or y comes first, and then the same letters
    const pairs = ['ab', 'ba', 'aa', 'bb', 'aba', 'bab'].map((rest) => ({
      prompt: '?',
      chosen: `x${rest}`,
      rejected: `y${rest}`,
      margin: 1,
    }))
    const lead = async (compareAt: 'end' | 'each-token') => {
      const settings = rewardSettings({ compareAt, batchPairs: 6, heldOutFraction: 0, epochs: 12, margin: 0 })
      const { last } = await run(trainRewardModel(testEngine(), model(), pairs, settings))
      const score = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
      const [x, y] = await score(
        ['x', 'y'].map((completion) => ({ prompt: '?', completion, hasEnded: false })),
      )
      return x! - y!
    }
    expect(await lead('each-token')).toBeGreaterThan(2)
    expect(await lead('each-token')).toBeGreaterThan(await lead('end'))
  })
})
