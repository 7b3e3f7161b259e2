import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  aboveGroupMean,
  aboveTheOthers,
  eachRewardNormalised,
  groupNormalised,
  inGroups,
  weightedSums,
} from '../../src-main/maths/group-advantages'

const recorded = JSON.parse(readFileSync('tests/fixtures/policy-losses/grpo.json', 'utf8')) as {
  readonly rewards: readonly (readonly number[])[]
  readonly weights: readonly number[]
  readonly groupSize: number
  readonly compared: Readonly<Record<string, readonly number[]>>
}
const closeTo = (numbers: readonly number[] = []) => numbers.map((each) => expect.closeTo(each, 9))
const terms = recorded.weights.map((weight, index) => ({ weight, scores: recorded.rewards[index] ?? [] }))

describe('the advantage in a group', () => {
  it('of rewards 1, 2, 6 is their distance from 3, and over the deviation √7', () => {
    // s² = (4 + 1 + 9) / 2 = 7
    expect(aboveGroupMean([1, 2, 6])).toEqual([-2, -1, 3])
    const deviation = Math.sqrt(7) + 1e-4
    expect(groupNormalised([1, 2, 6])).toEqual([-2 / deviation, -1 / deviation, 3 / deviation])
  })

  it('above the others is n/(n − 1) times that above the mean', () => {
    // 1 − (2 + 6)/2, 2 − (1 + 6)/2, 6 − (1 + 2)/2
    expect(aboveTheOthers([1, 2, 6])).toEqual([-3, -1.5, 4.5])
  })

  it('of equal rewards is 0, and of one alone too', () => {
    expect(groupNormalised([0.3, 0.3, 0.3]).map(Math.abs)).toEqual(closeTo([0, 0, 0]))
    expect(groupNormalised([5])).toEqual([0])
    expect(aboveGroupMean([5])).toEqual([0])
  })

  it('of several rewards added is that of their weighted sum', () => {
    const sums = weightedSums([
      { weight: 2, scores: [1, 3] },
      { weight: 0, scores: [NaN, NaN] },
      { weight: -1, scores: [0.5, 0] },
    ])
    expect(sums).toEqual([1.5, 6])
  })

  it('of each reward by itself does not let large numbers drown small ones', () => {
    const small = { weight: 1, scores: [0, 1, 0, 1] }
    const large = { weight: 1, scores: [100, 100, 300, 300] }
    const [a, b, c, d] = eachRewardNormalised([small, large], 4)
    // both say the same number of deviations: the middle two are worth the same
    expect(b).toBeCloseTo(c!, 3)
    expect(d).toBeCloseTo(-a!, 9)
  })

  it('is TRL’s', () => {
    const sums = inGroups(weightedSums(terms), recorded.groupSize)
    expect(sums.flatMap(groupNormalised)).toEqual(closeTo(recorded.compared['group']))
    expect(sums.flatMap(aboveGroupMean)).toEqual(closeTo(recorded.compared['group-mean']))
    expect(eachRewardNormalised(terms, recorded.groupSize)).toEqual(closeTo(recorded.compared['each-reward']))
  })
})
