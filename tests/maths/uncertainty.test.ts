import { describe, expect, it } from 'vitest'
import {
  binaryEntropy,
  pairUncertainty,
  rankingUncertainty,
  singleUncertainty,
} from '../../src-main/maths/uncertainty'

describe('how unsure a reward model is', () => {
  it('of two completions by one head: the entropy of its probability', () => {
    expect(pairUncertainty([1], [1])).toBeCloseTo(Math.log(2), 12)
    // σ(2) = 0.880797: −0.880797 ln 0.880797 − 0.119203 ln 0.119203
    expect(pairUncertainty([3], [1])).toBeCloseTo(0.365334, 6)
    expect(pairUncertainty([9], [1])).toBeLessThan(pairUncertainty([3], [1]))
  })

  it('by several heads: only what they disagree about counts', () => {
    // alike in their doubt: nothing to learn from one another
    expect(pairUncertainty([1, 1], [1, 1])).toBeCloseTo(0, 12)
    // σ(2) and σ(−2): the mean is a half
    expect(pairUncertainty([3, 1], [1, 3])).toBeCloseTo(Math.log(2) - 0.365334, 6)
  })

  it('of a ranking: of every two on average', () => {
    const [a, b, c] = [[0], [0], [2]]
    const sum = pairUncertainty(a!, b!) + pairUncertainty(a!, c!) + pairUncertainty(b!, c!)
    expect(rankingUncertainty([a!, b!, c!])).toBeCloseTo(sum / 3, 12)
  })

  it('of one completion: the spread of the heads, or how middling it is', () => {
    expect(singleUncertainty([1, 3], 0)).toBe(1)
    expect(singleUncertainty([2], 2)).toBe(1)
    expect(singleUncertainty([5], 2)).toBeCloseTo(0.25, 12)
  })

  it('is 0 where a thing is certain', () => {
    expect(binaryEntropy(0)).toBe(0)
    expect(binaryEntropy(1)).toBe(0)
  })
})
