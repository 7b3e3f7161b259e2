import { describe, expect, it } from 'vitest'
import type { RewardSettings } from '../../src-shared/recipes/reward-fields'
import type { RewardModel } from '../../src-main/model/model'
import { readSteps } from '../../src-main/model/steps'
import { rewardModelReward } from '../../src-main/rewards/reward-model'
import { stepMetrics } from '../../src-main/trainers/step-report'
import { trainProcessReward } from '../../src-main/trainers/steps'
import { logsOf, rewardSettings, run, testEngine, tinyModel, valuesOf } from './tiny'

const letters = 'abx?\n'
/** Solutions of three steps; a step is right while no x has been written. */
const rows = Array.from({ length: 64 }, (_, row) => {
  const steps = [0, 1, 2].map((step) => {
    const plain = ['ab', 'ba', 'aa', 'bb'][(row + step * 3) % 4]!
    return row % 4 === step ? `x${plain}` : plain
  })
  return steps.map((_step, last) => ({
    prompt: `${'ab'[row % 2]}${'ab'[(row >> 3) % 2]}?`,
    completion: steps.slice(0, last + 1).join('\n'),
    rating: steps.slice(0, last + 1).some((step) => step.startsWith('x')) ? 0 : 1,
  }))
}).flat()
const settings = (given: Partial<RewardSettings> = {}) =>
  rewardSettings({ learnFrom: 'steps', batchPairs: 8, epochs: 4, ...given })
const model = () => tinyModel(letters, 20)
const train = (given: Partial<RewardSettings> = {}, updates?: number) =>
  run(trainProcessReward(testEngine(), model(), rows, settings(given)), updates)

describe('a process reward model', () => {
  it('finds the first wrong step of solutions it never saw, and scores them by it', async () => {
    const { updates, events, last } = await train({ epochs: 40, heldOutFraction: 0.2 })
    const values = updates.at(-1)!.values
    expect(values['accuracy/held-out']).toBeGreaterThan(0.95)
    expect(values['accuracy/first-error']).toBeGreaterThan(0.9)
    expect(logsOf(events)[0]).toMatch(/^\d+ solutions with \d+ labelled steps\.$/)
    const score = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
    const scores = await score(
      ['ab\nba\naa', 'ab\nxba\naa', 'xab', 'ab'].map((completion) => ({
        prompt: 'ab?',
        completion,
        hasEnded: true,
      })),
    )
    expect(scores[0]).toBeGreaterThan(0.8)
    expect(scores[1]).toBeLessThan(0.2)
    expect(scores[2]).toBeLessThan(0.2)
    expect(scores[3]).toBeGreaterThan(0.8)
  })

  it('joins its steps as the setting says: their product is at most the least of them', async () => {
    const of = async (stepsJoined: 'product' | 'least') => {
      const { last } = await train({ stepsJoined })
      const score = rewardModelReward(testEngine(), last.model as RewardModel, { readPrompt: true })
      return (await score([{ prompt: 'ab?', completion: 'ab\nba\naa', hasEnded: true }]))[0] as number
    }
    const [product, least] = [await of('product'), await of('least')]
    expect(product).toBeLessThan(least)
    expect(product).toBeGreaterThanOrEqual(least ** 3)
  })

  it('makes the same updates however a batch is cut', async () => {
    const losses = async (accumulation: number) =>
      (await train({ accumulation, epochs: 1, learningRate: 1e-3 })).updates.map(
        ({ values }) => values['loss/steps'] as number,
      )
    const whole = await losses(1)
    for (const parts of [2, 3, 8])
      for (const [index, loss] of (await losses(parts)).entries())
        expect(loss).toBeCloseTo(whole[index] as number, 4)
  })

  it('repeats itself exactly with the same seed, and resumes to the bit', async () => {
    const short = { epochs: 2, batchPairs: 2 }
    const whole = await train(short)
    const stopped = await train(short, 1)
    expect(valuesOf(stopped.updates)).toEqual(valuesOf(whole.updates).slice(0, 1))
    const resumed = await run(trainProcessReward(testEngine(), model(), rows, settings(short), stopped.last))
    expect(resumed.last.model.parameters.flat).toEqual(whole.last.model.parameters.flat)
    expect(valuesOf((await train({ ...short, seed: 8 })).updates)).not.toEqual(valuesOf(whole.updates))
  })

  it('leaves nothing behind when stopped early', async () => {
    const engine = testEngine()
    const before = engine.memory()
    await run(trainProcessReward(engine, model(), rows, settings({ measureEvery: 1 })), 2)
    expect(engine.memory()).toEqual(before)
  })

  it('takes PRM800K’s neutral steps as right, and refuses what is no label, one class alone and nothing', async () => {
    const labelled = (rating: (row: (typeof rows)[number]) => number) =>
      run(
        trainProcessReward(
          testEngine(),
          model(),
          rows.map((row) => ({ ...row, rating: rating(row) })),
          settings(),
        ),
      )
    const neutral = await labelled(({ rating, completion }) =>
      rating === 0 ? -1 : completion.length > 3 ? 0 : 1,
    )
    expect(valuesOf(neutral.updates)).toEqual(valuesOf((await train()).updates))
    await expect(labelled(() => 4)).rejects.toThrow('steps: text 1: 4 is no label of a step')
    await expect(labelled(() => 1)).rejects.toThrow('steps: call all steps 1: there is nothing to tell apart')
    await expect(run(trainProcessReward(testEngine(), model(), [], settings()))).rejects.toThrow(
      'steps: has no labelled steps',
    )
  })
})

describe('a text read by its steps', () => {
  const { config, tokenizer } = model()
  const read = (completion: string, hasEnded = true, prompt = '?') =>
    readSteps(config, tokenizer, { prompt, completion, hasEnded }, true)

  it('ends each step with its line, and the last with the end token', () => {
    // end token, “?”, then “ab↵”, “x” and the end token
    expect(read('ab\nx').stepEnds).toEqual([4, 6])
    expect(read('ab\nx', false).stepEnds).toEqual([4, 5])
    expect([...read('ab\nx').ids.subarray(-1)]).toEqual([tokenizer.endToken])
  })

  it('has the same tokens for a step whatever comes after it', () => {
    const [whole, begun] = [read('ab\nba\nx'), read('ab\nba\n', false)]
    expect([...whole.ids.subarray(0, whole.stepEnds[1]! + 1)]).toEqual([...begun.ids])
  })

  it('keeps what fits the context, and the steps that begin there', () => {
    const cut = read('ab\n'.repeat(9))
    expect(cut.ids.length).toBe(20)
    expect(cut.isCut).toBe(true)
    // 1 of the begin token; the prompt is given up first: 19 tokens of steps of 3
    expect(cut.stepEnds).toEqual([3, 6, 9, 12, 15, 18, 19])
  })
})

describe('what a process reward model is worth', () => {
  it('is by hand', () => {
    const metrics = stepMetrics([
      { labels: [1, 0], logits: [2, -1] }, // both told, and the first error
      { labels: [1, undefined, 1], logits: [-1, -5, 3] }, // sees an error where there is none
    ])
    const losses = [
      Math.log1p(Math.exp(-2)),
      Math.log1p(Math.exp(-1)),
      Math.log1p(Math.exp(1)),
      Math.log1p(Math.exp(-3)),
    ]
    expect(metrics['loss/steps-held-out']).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 4, 6)
    expect(metrics['accuracy/held-out']).toBe(3 / 4)
    expect(metrics['accuracy/first-error']).toBe(1 / 2)
  })
})
