import { describe, expect, it } from 'vitest'
import { calibration } from '../../src-main/maths/calibration'
import { concordance, kendallTau } from '../../src-main/maths/concordance'

const ln3 = Math.log(3) // σ(ln 3) = 3/4

describe('calibration', () => {
  it('is right where three of four are right that it is three quarters sure of', () => {
    expect(calibration([ln3, ln3, ln3, -ln3])).toEqual({
      bins: [{ said: expect.closeTo(0.75, 9), right: 0.75, pairs: 4 }],
      error: expect.closeTo(0, 9),
    })
  })

  it('is off by what it is too sure of, weighted by pairs', () => {
    // Two pairs at ¾, one right: off by ¼. Two at σ(ln 9) = .9, both right: off by .1. Mean .175
    const { bins, error } = calibration([ln3, -ln3, 2 * ln3, 2 * ln3])
    expect(bins.map(({ pairs }) => pairs)).toEqual([2, 2])
    expect(error).toBeCloseTo(0.175, 9)
  })

  it('takes a tie as half right, and is nothing of no pairs', () => {
    expect(calibration([0]).bins).toEqual([{ said: 0.5, right: 0.5, pairs: 1 }])
    expect(calibration([])).toEqual({ bins: [], error: 0 })
  })
})

describe('Kendall’s τ-b', () => {
  it('is 1 in the same order and −1 in the other', () => {
    expect(kendallTau([1, 2, 3], [10, 20, 30])).toBe(1)
    expect(kendallTau([3, 2, 1], [10, 20, 30])).toBe(-1)
  })

  it('is what SciPy says where some are equal', () => {
    // scipy.stats.kendalltau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0]) in its documentation
    expect(kendallTau([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])).toBeCloseTo(-0.47140452079103173, 12)
  })

  it('is twice the concordance less one where nothing is equal', () => {
    const [scores, ratings] = [
      [0.3, 1.5, -2, 0.9],
      [1, 2, 3, 4],
    ]
    expect(kendallTau(scores!, ratings!)).toBeCloseTo(2 * concordance(scores!, ratings!) - 1, 12)
  })

  it('is 0 where all are the same', () => {
    expect(kendallTau([1, 1], [1, 2])).toBe(0)
  })
})
