import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bradleyTerryLosses,
  centeringLosses,
  pairAccuracy,
  sizeLosses,
} from '../../src-main/maths/bradley-terry'
import * as tf from '../../src-main/compute/tf'
import { mean, numberOf, numbersOf } from './tensors'

const loss = (chosen: number[], rejected: number[], margins?: number[]): number =>
  numberOf(() =>
    tf.mean(bradleyTerryLosses(tf.tensor1d(chosen), tf.tensor1d(rejected), margins && tf.tensor1d(margins))),
  )

describe('the Bradley–Terry loss', () => {
  it('is log 2 when nothing is preferred', () => {
    expect(loss([3, -1], [3, -1])).toBeCloseTo(Math.log(2), 6)
  })

  it('is −log σ of the lead', () => {
    // σ(ln 3) = 3/4
    expect(loss([Math.log(3)], [0])).toBeCloseTo(Math.log(4 / 3), 6)
  })

  it('does not change when all scores move together', () => {
    expect(loss([1, 2], [0, 3])).toBeCloseTo(loss([101, 102], [100, 103]), 5)
  })

  it('wants the chosen one ahead by its margin', () => {
    expect(loss([1], [0], [1])).toBeCloseTo(Math.log(2), 6)
    expect(loss([1], [0], [0])).toBeCloseTo(loss([1], [0]), 6)
    // leads of 2 and 1, less margins of 1 and 1/3: −log σ(1) and −log σ(2/3)
    const byHand = (Math.log1p(Math.exp(-1)) + Math.log1p(Math.exp(-2 / 3))) / 2
    expect(loss([2, 0], [0, -1], [1, 1 / 3])).toBeCloseTo(byHand, 6)
  })

  it('stays finite, with a finite slope, however wrong the scores are', () => {
    expect(loss([-500], [500])).toBeCloseTo(1000, 2)
    expect(
      numberOf(() =>
        tf.grad((chosen: tf.Tensor) =>
          tf.mean(bradleyTerryLosses(chosen as tf.Tensor1D, tf.tensor1d([500]))),
        )(tf.tensor1d([-500])),
      ),
    ).toBeCloseTo(-1, 6)
  })

  it('has the slope σ(z) − 1', () => {
    // σ(ln 3) − 1 = −1/4
    expect(
      numbersOf(() =>
        tf.grad((chosen: tf.Tensor) => tf.mean(bradleyTerryLosses(chosen as tf.Tensor1D, tf.tensor1d([0]))))(
          tf.tensor1d([Math.log(3)]),
        ),
      ),
    ).toEqual([expect.closeTo(-0.25, 6)])
  })

  it('agrees with a naive loop', () => {
    const pair = fc.tuple(
      fc.double({ min: -20, max: 20, noNaN: true }),
      fc.double({ min: -20, max: 20, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 10 }), (pairs) => {
        expect(
          loss(
            pairs.map(([chosen]) => chosen),
            pairs.map(([, rejected]) => rejected),
          ),
        ).toBeCloseTo(mean(pairs.map(([chosen, rejected]) => Math.log1p(Math.exp(rejected - chosen)))), 3)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the centering loss', () => {
  it('is the mean square of the sum of a pair’s scores', () => {
    // (1 + 2)² and (3 − 3)²
    expect(numberOf(() => tf.mean(centeringLosses(tf.tensor1d([1, 3]), tf.tensor1d([2, -3]))))).toBeCloseTo(
      4.5,
      6,
    )
  })
})

describe('pair accuracy', () => {
  it('counts a tie as one half', () => {
    expect(pairAccuracy([2, 1, 0, 5], [1, 2, 0, 4])).toBe((1 + 0 + 0.5 + 1) / 4)
  })
})

describe('the penalty on the size of scores', () => {
  it('is half the squares of both', () => {
    // ½ (9 + 1) = 5 and ½ (0 + 4) = 2
    expect(numbersOf(() => sizeLosses(tf.tensor1d([3, 0]), tf.tensor1d([-1, 2])))).toEqual([5, 2])
  })

  it('is taken of each head by itself', () => {
    expect(numbersOf(() => sizeLosses(tf.tensor2d([[3, 0]]), tf.tensor2d([[-1, 2]])))).toEqual([5, 2])
  })
})
