import { describe, expect, it } from 'vitest'
import { meanWithInterval, shareWithInterval } from '../../src-main/maths/interval'
import { normal, seeded } from '../../src-main/maths/random'

describe('the interval of a mean', () => {
  it('is 1.96 standard errors to each side', () => {
    // 1, 3, 5, 7: mean 4, s² = 20/3, standard error √(20/3 / 4) = 1.29099
    const { mean, interval } = meanWithInterval([1, 3, 5, 7])
    expect(mean).toBe(4)
    expect(interval).toEqual({
      low: expect.closeTo(4 - 1.959964 * 1.2909944, 5),
      high: expect.closeTo(4 + 1.959964 * 1.2909944, 5),
    })
  })

  it('holds the truth 95 times in 100', () => {
    const random = seeded('coverage')
    const hits = Array.from(
      { length: 2000 },
      () => meanWithInterval(Array.from({ length: 100 }, () => normal(random))).interval,
    ).filter(({ low, high }) => low <= 0 && high >= 0)
    expect(hits.length / 2000).toBeGreaterThan(0.93)
    expect(hits.length / 2000).toBeLessThan(0.97)
  })

  it('is not made up from one value', () => {
    expect(() => meanWithInterval([1])).toThrow('1 values have no interval')
  })
})

describe('the interval of a share', () => {
  it('is Wilson’s', () => {
    // 8 of 10, z = 1.96: 0.490 … 0.943 (Brown et al. 2001)
    expect(shareWithInterval(8, 10)).toEqual({
      share: 0.8,
      interval: { low: expect.closeTo(0.4902, 3), high: expect.closeTo(0.9433, 3) },
    })
  })

  it('stays within 0 and 1, and is open where nothing was seen', () => {
    expect(shareWithInterval(0, 10).interval).toEqual({ low: 0, high: expect.closeTo(0.2775, 3) })
    expect(shareWithInterval(10, 10).interval.high).toBeCloseTo(1, 12)
    expect(shareWithInterval(10, 10).interval.low).toBeCloseTo(0.7225, 3)
  })

  it('refuses what is no share', () => {
    expect(() => shareWithInterval(1, 0)).toThrow(RangeError)
    expect(() => shareWithInterval(3, 2)).toThrow('3 of 2 is no share')
  })
})
