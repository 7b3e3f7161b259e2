/** What implicit Q-learning learns: by hand, and against a plain loop. */
import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { expectileLosses, targetsOfQ, weightedImitation } from '../../src-main/maths/ilql'
import { seeded } from '../../src-main/maths/random'
import { matrix, numberOf, numbersOf } from './tensors'

describe('what Q is held to', () => {
  it('by hand: γ times the next value, and the reward alone at the end; padding is nothing', () => {
    const goal = numbersOf(() =>
      targetsOfQ(matrix([0, 0, 5, 0]), matrix([9, 2, 4, 7]), matrix([1, 1, 1, 0]), 0.5),
    )
    expect(goal).toEqual([1, 2, 5, 0])
  })

  it('is what a loop over texts of any length says, prompts before them', () => {
    const random = seeded(2, 'texts')
    const [rows, time, gamma] = [4, 6, 0.9]
    const grid = () => Array.from({ length: rows }, () => Array.from({ length: time }, () => random()))
    const [rewards, values] = [grid(), grid()]
    const mask = grid().map((row, index) => row.map((_, t) => (t >= index % 3 && t < 3 + index ? 1 : 0)))
    const loop = rewards.map((row, b) =>
      row.map((reward, t) => reward + gamma * (mask[b]![t + 1] ?? 0) * (values[b]![t + 1] ?? 0)),
    )
    const ours = numbersOf(() => targetsOfQ(matrix(...rewards), matrix(...values), matrix(...mask), gamma))
    expect(ours).toEqual(loop.flat().map((each) => expect.closeTo(each, 5)))
  })

  it('teaches no value: nothing flows through it', () => {
    const gradient = numbersOf(() =>
      tf.grad((values: tf.Tensor) => {
        const goal = targetsOfQ(matrix([0, 1]), values as tf.Tensor2D, matrix([1, 1]), 0.9)
        return tf.sum(tf.add(goal, tf.mul(values, 3)))
      })(matrix([1, 2])),
    )
    // only what is beside it
    expect(gradient).toEqual([3, 3])
  })
})

describe('the expectile', () => {
  it('by hand, τ 0.8: two above counts 0.8 · 4, two below 0.2 · 4', () => {
    const losses = numbersOf(() => expectileLosses(tf.tensor1d([2, -2]), tf.tensor1d([0, 0]), 0.8))
    expect(losses).toEqual([expect.closeTo(3.2, 6), expect.closeTo(0.8, 6)])
  })

  it('is least where V stands: at the mean for ½, towards the best above', () => {
    const seen = [0, 0, 0, 10]
    const best = (tau: number): number => {
      let value = 0
      for (let step = 0; step < 3000; step++) {
        const slope = numberOf(() =>
          tf.grad((v: tf.Tensor) => tf.sum(expectileLosses(tf.tensor1d(seen), v, tau)))(tf.scalar(value)),
        )
        value -= 0.02 * slope
      }
      return value
    }
    expect(best(0.5)).toBeCloseTo(2.5, 2)
    // 3 · (1 − τ) · v = τ · (10 − v)
    expect(best(0.9)).toBeCloseTo(9 / 1.2, 2)
  }, 30_000)
})

describe('weighted imitation', () => {
  it('by hand: a token worth log 2 more counts twice, and all the same at β 0', () => {
    const logProbs = tf.tensor1d([-1, -3])
    const advantages = tf.tensor1d([Math.log(2), 0])
    expect(numbersOf(() => weightedImitation(logProbs, advantages, 1))).toEqual([
      expect.closeTo(2, 6),
      expect.closeTo(3, 6),
    ])
    expect(numbersOf(() => weightedImitation(logProbs, advantages, 0))).toEqual([1, 3])
    logProbs.dispose()
    advantages.dispose()
  })
})
