import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moments, whiten } from '../../src-main/maths/whiten'
import { mean, sum } from './tensors'

describe('whitening', () => {
  it('gives mean 0 and Bessel’s deviation 1 to the real tokens, and 0 to padding', () => {
    // of 1, 3, 5: mean 3, variance (4 + 0 + 4) / 2 = 4, deviation 2
    expect([...whiten([1, 3, 5, 99], [1, 1, 1, 0])]).toEqual(
      [-1, 0, 1, 0].map((value) => expect.closeTo(value, 6)),
    )
  })

  it('does not see what stands in the padding', () => {
    expect(whiten([1, 3, 5, NaN], [1, 1, 1, 0])).toEqual(whiten([1, 3, 5, 7], [1, 1, 1, 0]))
  })

  it('makes values that are all the same 0, and a single one', () => {
    expect([...whiten([2, 2, 2], [1, 1, 1])]).toEqual([0, 0, 0])
    expect([...whiten([2, 9], [1, 0])]).toEqual([0, 0])
    expect([...whiten([2, 9], [0, 0])]).toEqual([0, 0])
  })

  it('agrees with a naive loop on random values and masks', () => {
    const token = fc.tuple(fc.double({ min: -100, max: 100, noNaN: true }), fc.boolean())
    fc.assert(
      fc.property(
        fc
          .array(token, { minLength: 3, maxLength: 60 })
          .filter((tokens) => tokens.filter(([, isReal]) => isReal).length > 1),
        (tokens) => {
          const real = tokens.flatMap(([value, isReal]) => (isReal ? [value] : []))
          const deviation = Math.sqrt(
            sum(real.map((value) => (value - mean(real)) ** 2)) / (real.length - 1) + 1e-8,
          )
          const whitened = whiten(
            tokens.map(([value]) => value),
            tokens.map(([, isReal]) => (isReal ? 1 : 0)),
          )
          tokens.forEach(([value, isReal], i) =>
            expect(whitened[i]).toBeCloseTo(isReal ? (value - mean(real)) / deviation : 0, 4),
          )
        },
      ),
    )
  })
})

describe('the moments', () => {
  it('count, average and spread what the mask marks', () => {
    // 2 and 6: mean 4, variance (4 + 4) / 1 = 8
    expect(moments([2, 50, 6], [1, 0, 1])).toEqual({ count: 2, mean: 4, variance: 8 })
    expect(moments([5], [1])).toEqual({ count: 1, mean: 5, variance: 0 })
    expect(moments([], [])).toEqual({ count: 0, mean: 0, variance: 0 })
  })
})
