import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entropy } from '../../src-main/maths/entropy'
import { klDivergence } from '../../src-main/maths/kl'
import * as tf from '../../src-main/compute/tf'
import { matrix, numberOf, numbersOf, sum } from './tensors'

const softmax = (logits: readonly number[]): number[] => {
  const weights = logits.map((logit) => Math.exp(logit - Math.max(...logits)))
  return weights.map((weight) => weight / sum(weights))
}
const logits = fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 5 })

describe('the KL divergence', () => {
  it('is exactly 0 between a model and itself', () => {
    expect(
      numbersOf(() => klDivergence(matrix([0.3, -2, 7], [1, 1, 1]), matrix([0.3, -2, 7], [1, 1, 1]))),
    ).toEqual([0, 0])
  })

  it('of a half against a quarter is half of ln 2 plus half of ln ⅔', () => {
    // ½·ln(½ / ¼) + ½·ln(½ / ¾)
    const half = matrix([0, 0])
    const quarter = matrix([Math.log(1 / 4), Math.log(3 / 4)])
    expect(numberOf(() => klDivergence(half, quarter))).toBeCloseTo(
      0.5 * Math.log(2) + 0.5 * Math.log(2 / 3),
      6,
    )
  })

  it('does not see what cannot be drawn in either', () => {
    expect(numberOf(() => klDivergence(matrix([1, 2, -1e9]), matrix([2, 1, -1e9])))).toBeCloseTo(
      numberOf(() => klDivergence(matrix([1, 2]), matrix([2, 1]))),
      6,
    )
  })

  it('agrees with a naive loop, and is never below 0', () => {
    fc.assert(
      fc.property(logits, logits, (policy, reference) => {
        const p = softmax(policy)
        const q = softmax(reference)
        const kl = numberOf(() => klDivergence(matrix(policy), matrix(reference)))
        expect(kl).toBeCloseTo(sum(p.map((share, v) => share * Math.log(share / q[v]!))), 4)
        expect(kl).toBeGreaterThan(-1e-5)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the leading shape', () => {
    expect(tf.tidy(() => klDivergence(tf.zeros([2, 3, 4]), tf.zeros([2, 3, 4])).shape)).toEqual([2, 3])
  })
})

describe('the entropy', () => {
  it('of n equal choices is ln n', () => {
    expect(numberOf(() => entropy(matrix([3, 3, 3, 3])))).toBeCloseTo(Math.log(4), 6)
  })

  it('of no choice is 0, and a token that cannot be drawn adds nothing', () => {
    expect(numberOf(() => entropy(matrix([5, -1e9, -1e9])))).toBeCloseTo(0, 12)
    expect(numberOf(() => entropy(matrix([1, 1, -1e9])))).toBeCloseTo(Math.log(2), 6)
  })

  it('agrees with a naive loop', () => {
    fc.assert(
      fc.property(logits, (row) => {
        expect(numberOf(() => entropy(matrix(row)))).toBeCloseTo(
          -sum(softmax(row).map((share) => share * Math.log(share))),
          4,
        )
      }),
      { numRuns: 60 },
    )
  })
})
