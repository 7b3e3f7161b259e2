import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinedSteps, stepLosses } from '../../src-main/maths/steps'
import * as tf from '../../src-main/compute/tf'
import { numbersOf } from './tensors'

const odds = (probability: number): number => Math.log(probability / (1 - probability))

describe('the loss of a step', () => {
  it('is −log of what is said of its label', () => {
    // σ = 3/4: right costs log 4/3, wrong log 4, half right the mean of both
    const losses = numbersOf(() =>
      stepLosses(tf.tensor1d([odds(0.75), odds(0.75), odds(0.75)]), tf.tensor1d([1, 0, 0.5])),
    )
    ;[Math.log(4 / 3), Math.log(4), (Math.log(4 / 3) + Math.log(4)) / 2].forEach((loss, i) =>
      expect(losses[i]).toBeCloseTo(loss, 5),
    )
  })

  it('stays finite however wrong it is', () => {
    expect(numbersOf(() => stepLosses(tf.tensor1d([500, -500]), tf.tensor1d([0, 1])))).toEqual([500, 500])
  })
})

describe('the score of a text by its steps', () => {
  const probability = fc.float({ min: Math.fround(0.05), max: Math.fround(0.95), noNaN: true })

  it('is the product of its steps, or the least of them, whatever stands in the padding', () => {
    fc.assert(
      fc.property(fc.array(probability, { minLength: 1, maxLength: 5 }), (steps) => {
        const logits = tf.tensor2d([[...steps.map(odds), -9, 9]])
        const mask = tf.tensor2d([[...steps.map(() => 1), 0, 0]])
        const score = (joined: 'product' | 'least') => numbersOf(() => joinedSteps(logits, mask, joined))[0]
        expect(score('product')).toBeCloseTo(
          steps.reduce((product, step) => product * step, 1),
          4,
        )
        expect(score('least')).toBeCloseTo(Math.min(...steps), 4)
      }),
    )
  })
})
