/** Moments of all numbers so far: by hand, and the same in any pieces. */
import { describe, expect, it } from 'vitest'
import { deviationOf, noMoments, withValues } from '../../src-main/maths/running-moments'
import { seeded } from '../../src-main/maths/random'
import { mean, sum } from './tensors'

describe('moments so far', () => {
  it('by hand: of 1, 2 and then 6 the mean is 3, the deviation √7', () => {
    const moments = withValues(withValues(noMoments, [1, 2]), [6])
    expect(moments.mean).toBeCloseTo(3, 12)
    expect(deviationOf(moments)).toBeCloseTo(Math.sqrt((4 + 1 + 9) / 2), 12)
  })

  it('are those of all at once, in any pieces, far from 0 too', () => {
    const random = seeded(5, 'numbers')
    const values = Array.from({ length: 50 }, () => 1e6 + random())
    const pieces = [values.slice(0, 1), values.slice(1, 20), [], values.slice(20)]
    const moments = pieces.reduce(withValues, noMoments)
    const all = mean(values)
    expect(moments.count).toBe(50)
    expect(moments.mean).toBeCloseTo(all, 6)
    expect(deviationOf(moments)).toBeCloseTo(Math.sqrt(sum(values.map((each) => (each - all) ** 2)) / 49), 6)
  })

  it('of one number, or of equal ones, divide by 1', () => {
    expect(deviationOf(withValues(noMoments, [7]))).toBe(1)
    expect(deviationOf(withValues(noMoments, [7, 7]))).toBe(1)
  })
})
