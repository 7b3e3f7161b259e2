import { describe, expect, it } from 'vitest'
import { seeded } from '../../src-main/maths/random'
import {
  addValueHead,
  createRewardModel,
  rewardScores,
  values,
  withoutHead,
} from '../../src-main/model/heads'
import { weight } from '../../src-main/model/network'
import { networkOf } from '../../src-main/model/architectures/networks'
import { readStates } from '../../src-main/model/language-model'
import { engines, intMatrix, runOnce, tinyModel } from './tiny'

describe('a reward model', () => {
  it('shares the trunk, and has a head drawn from N(0, 1/√(C + 1))', () => {
    const model = tinyModel(1, { width: 64 })
    const reward = createRewardModel(model, seeded(2))
    for (const name of Object.keys(model.parameters.spec))
      expect(reward.parameters.view(name)).toEqual(model.parameters.view(name))
    expect(reward.parameters.view('transformer.wte.weight').buffer).toBe(model.parameters.flat.buffer)
    const head = [...reward.parameters.view('score.weight')]
    expect(Math.sqrt(head.reduce((total, value) => total + value ** 2, 0) / 64)).toBeCloseTo(
      1 / Math.sqrt(65),
      1,
    )
    expect([...reward.parameters.view('score.bias')]).toEqual([0])
  })

  it.each(engines)('scores each text at its own last token on the %s engine', async (_, open) => {
    const engine = open()
    const reward = createRewardModel(tinyModel(), seeded(2))
    reward.parameters.view('score.bias')[0] = 0.5
    const ids = intMatrix([0, 3, 1, 0, 9], [0, 5, 9, 2, 8], [0, 3, 1, 7, 7])
    const lengths = { shape: [3], data: Int32Array.of(4, 5, 3) }
    const read = await runOnce(engine, reward, { ids, lengths }, (weights, batch) => ({
      scores: rewardScores(reward, weights, { ids: weight(batch, 'ids'), lengths: weight(batch, 'lengths') }),
      states: networkOf(reward.config).hiddenStates(weights, weight(batch, 'ids')),
    }))
    const head = [...reward.parameters.view('score.weight')]
    const scoreAt = (row: number, t: number): number =>
      head.reduce((total, value, i) => total + value * read['states']![(row * 5 + t) * 16 + i]!, 0.5)
    ;[
      [0, 3],
      [1, 4],
      [2, 2],
    ].forEach(([row, last], i) => expect(read['scores']![i]).toBeCloseTo(scoreAt(row!, last!), 4))
    engine.dispose()
  })

  it.each(engines)('does not read what pads a text on the %s engine', async (_, open) => {
    const engine = open()
    const reward = createRewardModel(tinyModel(), seeded(2))
    const scores = async (padding: number): Promise<number[]> =>
      (
        await runOnce(
          engine,
          reward,
          { ids: intMatrix([0, 3, 1, padding, padding]), lengths: { shape: [1], data: Int32Array.of(3) } },
          (weights, batch) => ({
            scores: rewardScores(reward, weights, {
              ids: weight(batch, 'ids'),
              lengths: weight(batch, 'lengths'),
            }),
          }),
        )
      )['scores']!
    expect(await scores(9)).toEqual(await scores(0))
    engine.dispose()
  })
})

describe('a value head', () => {
  it('stands beside the policy’s trunk and is taken off again', () => {
    const policy = tinyModel()
    const withHead = addValueHead(policy)
    expect(withHead.parameters.count).toBe(policy.parameters.count + 16 + 1)
    expect([...withHead.parameters.view('v_head.summary.weight')]).toEqual(new Array(16).fill(0))
    expect(withHead.parameters.view('transformer.wte.weight').buffer).toBe(policy.parameters.flat.buffer)
    expect(withoutHead(withHead).parameters.spec).toEqual(policy.parameters.spec)
  })

  it.each(engines)(
    'expects nothing at first and then its weights’ sum of each state on the %s engine',
    async (_, open) => {
      const engine = open()
      const policy = addValueHead(tinyModel())
      const ids = intMatrix([0, 3, 1, 4])
      const read = (): Promise<Record<string, number[]>> =>
        runOnce(engine, policy, { ids }, (weights, batch) => {
          const states = readStates(policy.config, weights, weight(batch, 'ids'))
          return { values: values(policy.config, weights, states), states }
        })
      expect((await read())['values']).toEqual([0, 0, 0])
      policy.parameters.view('v_head.summary.weight').fill(1)
      policy.parameters.view('v_head.summary.bias')[0] = 0.25
      const after = await read()
      after['values']!.forEach((value, t) =>
        expect(value).toBeCloseTo(
          after['states']!.slice(t * 16, (t + 1) * 16).reduce((a, b) => a + b, 0.25),
          4,
        ),
      )
      engine.dispose()
    },
  )
})
