import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  approximateKl,
  clipFraction,
  largestRatio,
  policyLoss,
  probabilityRatio,
  valueLoss,
} from '../../src-main/maths/ppo-loss'
import * as tf from '../../src-main/compute/tf'
import { matrix, mean, numberOf, numbersOf } from './tensors'

const clip = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

describe('the probability ratio', () => {
  it('is exactly 1 where nothing has changed, and in the padding whatever stands there', () => {
    expect(
      numbersOf(() =>
        probabilityRatio(matrix([-1.25, -0.3, 500]), matrix([-1.25, -0.3, -500]), matrix([1, 1, 0])),
      ),
    ).toEqual([1, 1, 1])
  })

  it('is how many times likelier a token has become', () => {
    // ln 0.5 → ln 0.6: 1.2
    expect(
      numberOf(() => probabilityRatio(matrix([Math.log(0.6)]), matrix([Math.log(0.5)]), matrix([1]))),
    ).toBeCloseTo(1.2, 6)
  })
})

describe('the clipped surrogate', () => {
  const loss = (ratio: number, advantage: number): number =>
    numberOf(() => policyLoss(matrix([ratio]), matrix([advantage]), matrix([1]), 0.2))

  it('is the negated mean advantage before the first update', () => {
    // −(1 + 3 + 2) / 3, the last token is padding
    expect(
      numberOf(() =>
        policyLoss(matrix([1, 1], [1, 1]), matrix([1, 3], [2, 99]), matrix([1, 1], [1, 0]), 0.2),
      ),
    ).toBeCloseTo(-2, 6)
  })

  it('earns nothing beyond 1 + ε for a good token, nor below 1 − ε for a bad one', () => {
    expect(loss(1.5, 2)).toBeCloseTo(-2.4, 6) // −2 · 1.2
    expect(loss(0.5, -2)).toBeCloseTo(1.6, 6) // 2 · 0.8
  })

  it('pays in full for a move in the wrong direction', () => {
    expect(loss(0.5, 2)).toBeCloseTo(-1, 6)
    expect(loss(1.5, -2)).toBeCloseTo(3, 6)
  })

  it('pushes no token that has gone far enough', () => {
    const slope = (ratio: number, advantage: number): number =>
      numberOf(() =>
        tf.grad((r: tf.Tensor) => policyLoss(r as tf.Tensor2D, matrix([advantage]), matrix([1]), 0.2))(
          matrix([ratio]),
        ),
      )
    expect(slope(1.5, 2)).toBeCloseTo(0, 12)
    expect(slope(0.5, -2)).toBeCloseTo(0, 12)
    expect(slope(1.1, 2)).toBeCloseTo(-2, 6)
    expect(slope(1.5, -2)).toBeCloseTo(2, 6)
  })

  it('agrees with a naive loop', () => {
    const token = fc.tuple(
      fc.double({ min: 0.1, max: 3, noNaN: true }),
      fc.double({ min: -5, max: 5, noNaN: true }),
      fc.boolean(),
    )
    fc.assert(
      fc.property(
        fc
          .array(token, { minLength: 1, maxLength: 12 })
          .filter((tokens) => tokens.some(([, , isReal]) => isReal)),
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        (tokens, range) => {
          const real = tokens.filter(([, , isReal]) => isReal)
          const naive = mean(
            real.map(([ratio, advantage]) =>
              Math.max(-advantage * ratio, -advantage * clip(ratio, 1 - range, 1 + range)),
            ),
          )
          const row = (i: 0 | 1): tf.Tensor2D => matrix(tokens.map((token) => token[i]))
          expect(
            numberOf(() =>
              policyLoss(row(0), row(1), matrix(tokens.map(([, , isReal]) => (isReal ? 1 : 0))), range),
            ),
          ).toBeCloseTo(naive, 4)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('the clipped value loss', () => {
  const loss = (value: number, old: number, target: number): number =>
    numberOf(() => valueLoss(matrix([value]), matrix([old]), matrix([target]), matrix([1]), 0.2))

  it('is half the squared error near the old value', () => {
    expect(loss(1.1, 1, 2)).toBeCloseTo(0.405, 6) // ½ · 0.9²
  })

  it('sees no gain from moving further than ε', () => {
    expect(loss(1.9, 1, 2)).toBeCloseTo(0.32, 6) // clipped to 1.2: ½ · 0.8²
  })

  it('sees the whole loss of moving away', () => {
    expect(loss(0, 1, 2)).toBeCloseTo(2, 6) // ½ · 2², not ½ · 1.2²
  })

  it('averages over real tokens only', () => {
    expect(
      numberOf(() =>
        valueLoss(matrix([1, 1, 50]), matrix([1, 1, 0]), matrix([2, 3, 0]), matrix([1, 1, 0]), 0.2),
      ),
    ).toBeCloseTo((0.5 + 2) / 2, 6)
  })
})

describe('what is reported beside the losses', () => {
  const ratio = (): tf.Tensor2D => matrix([1, 1.3, 0.7, 1.1])
  const mask = (): tf.Tensor2D => matrix([1, 1, 1, 0])

  it('is the share of real tokens outside the clip range', () => {
    expect(numberOf(() => clipFraction(ratio(), mask(), 0.2))).toBeCloseTo(2 / 3, 6)
    expect(numberOf(() => clipFraction(matrix([1, 1]), matrix([1, 1]), 0.2))).toBe(0)
  })

  it('is half the mean square of what the log-probabilities moved', () => {
    // ½ · (0.1² + 0.3²) / 2 = 0.025
    expect(
      numberOf(() => approximateKl(matrix([-1, -2, 7]), matrix([-1.1, -2.3, 0]), matrix([1, 1, 0]))),
    ).toBeCloseTo(0.025, 6)
  })

  it('is how far the ratio of any token is from 1', () => {
    expect(numberOf(() => largestRatio(ratio()))).toBeCloseTo(1.3, 6)
    expect(numberOf(() => largestRatio(matrix([0.5, 1.1])))).toBeCloseTo(1.5, 6)
    expect(numberOf(() => largestRatio(matrix([1, 1])))).toBe(1)
  })
})
