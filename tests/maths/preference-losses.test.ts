import { describe, expect, it } from 'vitest'
import * as tf from '../../src-main/compute/tf'
import { partnersOf } from '../../src-main/maths/alignment'
import { divergences, type Divergence } from '../../src-main/maths/divergences'
import {
  preferenceLosses,
  type PreferenceLoss,
  type PreferenceLossName,
} from '../../src-main/maths/preference-losses'
import { numbersOf } from './tensors'

/** The loss of one pair by its implicit rewards. */
const lossOf = (name: PreferenceLossName, chosen: number, rejected: number, beta = 0.5): number => {
  const row: PreferenceLoss = preferenceLosses[name]
  const [loss] = numbersOf(() =>
    row.losses(
      {
        chosen: tf.tensor1d([chosen]),
        rejected: tf.tensor1d([rejected]),
        lead: tf.tensor1d([chosen - rejected]),
      },
      { beta, labelSmoothing: 0.25, discopopTau: 0.05 },
    ),
  )
  return loss!
}

const ln3 = Math.log(3) // σ(ln 3) = 3/4

describe('a preference loss, by hand', () => {
  it.each([
    // z = 2 ln 3 − ln 3 = ln 3
    ['sigmoid', Math.log(4 / 3)],
    // z/β = 2 ln 3, 1/2β = 1
    ['ipo', (2 * ln3 - 1) ** 2],
    // 1 − ln 3 < 0
    ['hinge', 0],
    // (¾ · log 4/3 − ¼ · log 4) / ½
    ['robust', (0.75 * Math.log(4 / 3) - 0.25 * Math.log(4)) / 0.5],
    // q = ¾ = 1 − ε: the divergence of a distribution from itself
    ['exo-pair', 0],
    // σ(ln 3 / .05) is 1: e^(−ln 3)
    ['discopop', 1 / 3],
    // σ(2 ln 3) = 9/10: −log .9 − ½ log .1 − ½ log ¼
    ['nca-pair', -Math.log(0.9) - 0.5 * Math.log(0.1) - 0.5 * Math.log(0.25)],
    ['bco-pair', -Math.log(0.9) - Math.log(0.25)],
    ['sppo-hard', (4 * ln3 - 1) ** 2 + (2 * ln3 + 1) ** 2],
    // 1 − .9 + ¾
    ['apo-zero', 0.85],
    // .9 + 1 − ¾
    ['apo-down', 1.15],
  ] as const)('%s is %d where r⁺ = 2 ln 3 and r⁻ = ln 3', (name, expected) => {
    expect(lossOf(name, 2 * ln3, ln3)).toBeCloseTo(expected, 5)
  })

  it('is finite where a pair is told apart, or mistaken, by far', () => {
    for (const name of Object.keys(preferenceLosses) as PreferenceLossName[])
      for (const lead of name === 'discopop' ? [60] : [60, -60])
        expect(Number.isFinite(lossOf(name, lead, 0)), `${name} at ${lead}`).toBe(true)
  })
})

describe('a divergence', () => {
  const scoreOf = (name: keyof typeof divergences, ratio: number, alpha = 0.5): number => {
    const divergence: Divergence = divergences[name]
    return numbersOf(() => divergence(tf.tensor1d([ratio]), alpha))[0]!
  }

  it('takes nothing and gives nothing where policy and reference agree', () => {
    for (const name of Object.keys(divergences) as (keyof typeof divergences)[])
      expect(scoreOf(name, 0), name).toBeCloseTo(0, 6)
  })

  it('by hand, where the policy finds a text three times as likely', () => {
    expect(scoreOf('reverse-kl', ln3)).toBeCloseTo(ln3, 6)
    expect(scoreOf('forward-kl', ln3)).toBeCloseTo(1 - 1 / 3, 6)
    expect(scoreOf('jensen-shannon', ln3)).toBeCloseTo(Math.log(6 / 4), 6) // log(2t / (t + 1))
    expect(scoreOf('alpha', ln3)).toBeCloseTo((3 ** -0.5 - 1) / -0.5, 6)
  })

  it('stays finite for a text that the policy all but lost', () => {
    expect(Number.isFinite(scoreOf('forward-kl', -200))).toBe(true)
    expect(Number.isFinite(scoreOf('alpha', -300))).toBe(true)
  })
})

describe('partners by rank', () => {
  it('the smallest meets the smallest', () => {
    expect([...partnersOf([5, 1, 3], [30, 10, 20])]).toEqual([30, 10, 20])
    expect([...partnersOf([1, 5, 3], [30, 10, 20])]).toEqual([10, 30, 20])
  })

  it('equal ones rank in their order', () => {
    expect([...partnersOf([2, 2, 1], [7, 8, 9])]).toEqual([8, 9, 7])
  })
})
