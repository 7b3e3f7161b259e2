import { describe, expect, it } from 'vitest'
import { explainedVariance } from '../../src-main/maths/explained-variance'

describe('explained variance', () => {
  it('is 1 for a critic that knows, whatever it is off by', () => {
    expect(explainedVariance([1, 2, 3], [1, 2, 3], [1, 1, 1])).toBe(1)
    expect(explainedVariance([11, 12, 13], [1, 2, 3], [1, 1, 1])).toBe(1)
  })

  it('is 0 for a constant and below for worse', () => {
    expect(explainedVariance([5, 5, 5], [1, 2, 3], [1, 1, 1])).toBe(0)
    // returns − values: −2, 0, 2 has variance 4 where the returns have 1
    expect(explainedVariance([3, 2, 1], [1, 2, 3], [1, 1, 1])).toBe(-3)
  })

  it('reads real tokens only', () => {
    expect(explainedVariance([1, 2, 99], [1, 2, -5], [1, 1, 0])).toBe(1)
  })

  it('is 0 when there is nothing to know', () => {
    expect(explainedVariance([1, 2, 3], [4, 4, 4], [1, 1, 1])).toBe(0)
  })
})
