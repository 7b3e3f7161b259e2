import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { klBoundOfBestOfN, meanBestOfN } from '../../src-main/maths/best-of-n'
import { mean } from './tensors'

/** All subsets of n, each with its best one; equal bests share their measure. */
function slowBestOfN(rewards: readonly number[], n: number, measures: readonly number[]): number {
  const subsets = (from: number, left: number): number[][] =>
    left === 0
      ? [[]]
      : from === rewards.length
        ? []
        : [...subsets(from + 1, left - 1).map((rest) => [from, ...rest]), ...subsets(from + 1, left)]
  return mean(
    subsets(0, n).map((subset) => {
      const best = Math.max(...subset.map((i) => rewards[i]!))
      return mean(subset.filter((i) => rewards[i] === best).map((i) => measures[i]!))
    }),
  )
}

describe('the best of n', () => {
  it('of one is the mean, of all is the highest', () => {
    expect(meanBestOfN([3, 1, 2], 1)).toBeCloseTo(2, 12)
    expect(meanBestOfN([3, 1, 2], 3)).toBeCloseTo(3, 12)
  })

  it('of two among three averages the three pairs', () => {
    // {3,1} → 3, {3,2} → 3, {1,2} → 2
    expect(meanBestOfN([3, 1, 2], 2)).toBeCloseTo(8 / 3, 12)
  })

  it('can be asked for another measure of what was kept', () => {
    // by reward 3, 3, 2 are kept; their measures are 10, 10, 40
    expect(meanBestOfN([3, 1, 2], 2, [10, 20, 40])).toBeCloseTo(20, 12)
  })

  it('takes any of several equal bests', () => {
    expect(meanBestOfN([1, 1, 0], 3, [10, 20, 99])).toBeCloseTo(15, 12)
  })

  it('agrees with going through all subsets', () => {
    const scored = fc.array(
      fc.tuple(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1, max: 1, noNaN: true })),
      { minLength: 1, maxLength: 8 },
    )
    fc.assert(
      fc.property(scored, fc.nat(), (pool, k) => {
        const n = 1 + (k % pool.length)
        const rewards = pool.map(([reward]) => reward)
        expect(meanBestOfN(rewards, n)).toBeCloseTo(slowBestOfN(rewards, n, rewards), 9)
      }),
    )
  })

  it('agrees on another measure, too, where no two rewards are equal', () => {
    const scored = fc.uniqueArray(fc.tuple(fc.integer(), fc.double({ min: -1, max: 1, noNaN: true })), {
      minLength: 1,
      maxLength: 8,
      selector: ([reward]) => reward,
    })
    fc.assert(
      fc.property(scored, fc.nat(), (pool, k) => {
        const n = 1 + (k % pool.length)
        const rewards = pool.map(([reward]) => reward)
        const measures = pool.map(([, measure]) => measure)
        expect(meanBestOfN(rewards, n, measures)).toBeCloseTo(slowBestOfN(rewards, n, measures), 9)
      }),
    )
  })

  it('is exact for pools far larger than factorials reach', () => {
    // of 0 … N − 1 the expected highest of n is n(N + 1)/(n + 1) − 1
    const pool = Array.from({ length: 5000 }, (_, i) => i)
    for (const n of [1, 2, 16, 128]) expect(meanBestOfN(pool, n)).toBeCloseTo((n * 5001) / (n + 1) - 1, 6)
  })

  it('cannot be estimated from fewer than n', () => {
    expect(() => meanBestOfN([1, 2], 3)).toThrow('the best of 3 cannot be estimated from 2')
    expect(() => meanBestOfN([1, 2], 0)).toThrow(RangeError)
  })
})

describe('the KL bound of the best of n', () => {
  it('is ln n − (n − 1)/n', () => {
    expect(klBoundOfBestOfN(1)).toBe(0)
    expect(klBoundOfBestOfN(4)).toBeCloseTo(0.636, 3) // ln 4 − 3/4
    expect(klBoundOfBestOfN(128)).toBeCloseTo(3.86, 2)
  })
})
