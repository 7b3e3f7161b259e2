import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { binCentres, binnedLoss, binTargets, meanOfBins, type Bins } from '../../src-main/maths/binned'
import { matrix, numberOf, numbersOf, sum } from './tensors'

const five: Bins = { count: 5, lowest: 0, highest: 4 }

describe('bins', () => {
  it('have their centres at even steps from the lowest to the highest value', () => {
    expect(binCentres(five)).toEqual([0, 1, 2, 3, 4])
    expect(binCentres({ count: 3, lowest: -1, highest: 1 })).toEqual([-1, 0, 1])
  })

  it('take a value as the nearest centre, also from beyond the ends', () => {
    expect([...binTargets(five, [2.4, -3, 9], 'one-hot')]).toEqual([
      0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ])
  })

  it('take a value as a bell curve around it', () => {
    // σ = 0.75: Φ(½/0.75) = Φ(⅔) = 0.7475, Φ(1½/0.75) = Φ(2) = 0.9772, Φ(2½/0.75) = Φ(3⅓) = 0.9996; all
    // inside: 0.9991
    const curve = [...binTargets(five, [2], 'hl-gauss')]
    ;[0.0223, 0.2299, 0.4955, 0.2299, 0.0223].forEach((share, bin) =>
      expect(curve[bin]).toBeCloseTo(share, 3),
    )
  })

  it.each([0, 0.3, 1.5, 3.9, 4, 7, -40])('of a bell curve around %d share out exactly 1', (value) => {
    expect(sum([...binTargets(five, [value], 'hl-gauss')])).toBeCloseTo(1, 6)
  })

  it('give a value back as their mean', () => {
    for (const value of [1.2, 2, 2.7]) {
      const logits = matrix(
        [...binTargets({ count: 41, lowest: -1, highest: 5 }, [value], 'hl-gauss')].map((share) =>
          Math.log(share + 1e-30),
        ),
      )
      expect(numberOf(() => meanOfBins(logits, { count: 41, lowest: -1, highest: 5 }))).toBeCloseTo(value, 4)
    }
  })
})

describe('the loss over bins', () => {
  it('is the entropy of the target where the guess is the target, and counts only what the mask does', () => {
    const targets = matrix([0.5, 0.5, 0], [0.25, 0.5, 0.25])
    const logits = tf.log(tf.add(targets, 1e-20)) as tf.Tensor2D
    const entropy = [Math.log(2), 1.5 * Math.log(2)] as const
    expect(numberOf(() => binnedLoss(logits, targets, tf.tensor1d([1, 1])))).toBeCloseTo(
      (entropy[0] + entropy[1]) / 2,
      5,
    )
    expect(numberOf(() => binnedLoss(logits, targets, tf.tensor1d([0, 1])))).toBeCloseTo(entropy[1], 5)
  })

  it('is log n where nothing is known', () => {
    expect(
      numberOf(() =>
        binnedLoss(
          tf.zeros([2, 5]),
          tf.tensor2d(binTargets(five, [1, 4], 'one-hot'), [2, 5]),
          tf.tensor1d([1, 1]),
        ),
      ),
    ).toBeCloseTo(Math.log(5), 6)
    expect(numbersOf(() => meanOfBins(tf.zeros([1, 5]), five))[0]).toBeCloseTo(2, 6)
  })
})
