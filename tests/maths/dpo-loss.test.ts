import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dpoLosses, ipoLosses } from '../../src-main/maths/dpo-loss'
import * as tf from '../../src-main/compute/tf'
import { numbersOf } from './tensors'

const dpo = (leads: number[], beta: number) => numbersOf(() => dpoLosses(tf.tensor1d(leads), beta))
const ipo = (leads: number[], beta: number) => numbersOf(() => ipoLosses(tf.tensor1d(leads), beta))
const leads = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 8 })

describe('the DPO loss', () => {
  it('is log 2 when policy and reference agree', () => {
    expect(dpo([0], 0.1)[0]).toBeCloseTo(Math.log(2), 6)
  })

  it('is −log σ of β times the lead', () => {
    // β = 0.5, a lead of 2 ln 3: σ(ln 3) = 3/4
    expect(dpo([2 * Math.log(3)], 0.5)[0]).toBeCloseTo(Math.log(4 / 3), 6)
  })

  it('agrees with a naive loop', () => {
    fc.assert(
      fc.property(leads, fc.double({ min: 0.01, max: 2, noNaN: true }), (all, beta) => {
        const found = dpo(all, beta)
        for (const [index, lead] of all.entries())
          expect(found[index]).toBeCloseTo(-Math.log(1 / (1 + Math.exp(-beta * lead))), 3)
      }),
    )
  })
})

describe('the IPO loss', () => {
  it('is least at a lead of 1/2τ, and grows on both sides', () => {
    // τ = 0.25 wants a lead of 2: (2 − 2)², (3 − 2)², (0 − 2)²
    expect([...ipo([2, 3, 0], 0.25)]).toEqual([0, 1, 4])
  })

  it('agrees with a naive loop', () => {
    fc.assert(
      fc.property(leads, fc.double({ min: 0.05, max: 2, noNaN: true }), (all, beta) => {
        const found = ipo(all, beta)
        for (const [index, lead] of all.entries()) {
          const byHand = (lead - 1 / (2 * beta)) ** 2
          expect(Math.abs((found[index] as number) - byHand)).toBeLessThan(1e-4 * (1 + byHand))
        }
      }),
    )
  })
})
