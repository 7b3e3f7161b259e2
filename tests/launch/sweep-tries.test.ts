import { describe, expect, it } from 'vitest'
import { triesOf } from '../../src-main/launch/sweep-tries'
import { seeded } from '../../src-main/maths/random'
import { recipeOf } from '../../src-shared/recipes/recipes'
import type { SweepAxis, SweepPlan } from '../../src-shared/sweeps/plan'

const { fields } = recipeOf('dpo')
const tries = (draw: SweepPlan['draw'], ...axes: readonly SweepAxis[]) =>
  triesOf(fields, { axes: [...axes], draw }, seeded('sweep', draw.by === 'random' ? draw.seed : 0))
const grid = (...axes: readonly SweepAxis[]) => tries({ by: 'grid' }, ...axes)
const random = (runs: number, seed: number, ...axes: readonly SweepAxis[]) =>
  tries({ by: 'random', runs, seed }, ...axes)
const problemOf = ({ problems }: ReturnType<typeof triesOf>) =>
  problems.map(({ field, problem }) => `${field} ${problem}`).join('; ')

const beta = { setting: 'beta', values: [0.05, 0.1] }
const rate = { setting: 'learningRate', from: 1e-5, to: 1e-3, scale: 'log' } as const

describe('a grid', () => {
  it('tries every value with every other, the last setting fastest', () => {
    expect(grid(beta, { setting: 'seed', values: [1, 2] }).tries).toEqual([
      { beta: 0.05, seed: 1 },
      { beta: 0.05, seed: 2 },
      { beta: 0.1, seed: 1 },
      { beta: 0.1, seed: 2 },
    ])
  })

  it('takes so many values of a range, its ends among them, by powers or evenly', () => {
    expect(grid({ ...rate, points: 3 }).tries.map((each) => each['learningRate'])).toEqual([1e-5, 1e-4, 1e-3])
    const even = { setting: 'beta', from: 0.1, to: 0.5, scale: 'linear', points: 5 } as const
    expect(grid(even).tries.map((each) => each['beta'])).toEqual([0.1, 0.2, 0.3, 0.4, 0.5])
    const whole = { setting: 'batchPairs', from: 1, to: 4, scale: 'linear', points: 7 } as const
    expect(grid(whole).tries.map((each) => each['batchPairs'])).toEqual([1, 2, 3, 4])
  })

  it('tries a value that was written twice once', () => {
    expect(grid({ setting: 'beta', values: [0.1, 0.1] }).tries).toEqual([{ beta: 0.1 }])
  })
})

describe('random draws', () => {
  it('are decided by their seed, lie within their range, and are never the same twice', () => {
    const drawn = random(50, 7, beta, rate).tries
    expect(drawn).toEqual(random(50, 7, beta, rate).tries)
    expect(drawn).not.toEqual(random(50, 8, beta, rate).tries)
    expect(new Set(drawn.map((each) => JSON.stringify(each))).size).toBe(50)
    for (const each of drawn) {
      expect(each['learningRate']).toBeGreaterThanOrEqual(1e-5)
      expect(each['learningRate']).toBeLessThanOrEqual(1e-3)
    }
  })

  it('of a range by powers fall as often into one decade as into the other', () => {
    const low = random(200, 1, rate).tries.filter((each) => Number(each['learningRate']) < 1e-4).length
    expect(low).toBeGreaterThan(75)
    expect(low).toBeLessThan(125)
  })

  it('say when there are not so many different ones', () => {
    expect(problemOf(random(3, 1, beta))).toBe(
      'sweep has only 2 different combinations for 3 runs: ask for fewer, or for the grid of all',
    )
  })
})

describe('a plan that cannot be', () => {
  it.each<[string, ReturnType<typeof triesOf>]>([
    ['beta 0: must be between 0.001 and 10', grid({ setting: 'beta', values: [0] })],
    ['betta is not a setting of this recipe', grid({ setting: 'betta', values: [1] })],
    ['constructor is not a setting of this recipe', grid({ setting: 'constructor', values: [1] })],
    ['beta is swept twice', grid(beta, beta)],
    ['beta ends before it begins: from 1 to 0.1', grid({ setting: 'beta', from: 1, to: 0.1, scale: 'log' })],
    [
      'learningRate has no end of values in a grid: say how many, like 0.00001..0.001 log 5, or draw at random',
      grid(rate),
    ],
    [
      'seed must begin above 0 to be spread by powers (log)',
      random(2, 1, { setting: 'seed', from: 0, to: 9, scale: 'log' }),
    ],
    [
      'sweep makes 1,000 runs; at most 200 are made at once. Try fewer values, or draw at random',
      grid(
        { setting: 'beta', from: 0.1, to: 1, scale: 'linear', points: 10 },
        { setting: 'seed', from: 1, to: 100, scale: 'linear', points: 100 },
      ),
    ],
  ])('says why: %s', (said, found) => {
    expect(problemOf(found)).toBe(said)
    expect(found.tries).toEqual([])
  })
})
