import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gae } from '../../src-main/maths/gae'
import { sum } from './tensors'

/** Eq. 16 as it stands: Âₜ = Σₗ (γλ)ˡ·δₜ₊ₗ. */
function slowGae(
  rewards: readonly number[],
  values: readonly number[],
  gamma: number,
  lambda: number,
): number[] {
  const delta = rewards.map((reward, t) => reward + gamma * (values[t + 1] ?? 0) - values[t]!)
  return delta.map((_, t) => sum(delta.slice(t).map((d, l) => (gamma * lambda) ** l * d)))
}

describe('generalized advantage estimation', () => {
  it('with λ = 1 is the discounted return minus the value', () => {
    // γ = 0.5: returns are 1 + 0.5·2 + 0.25·4 = 3, 2 + 0.5·4 = 4, 4
    expect(gae([1, 2, 4], [1, 1, 1], 0.5, 1)).toEqual([2, 3, 3])
  })

  it('with λ = 0 is the surprise of one step', () => {
    // 1 + 0.5·1 − 1, 2 + 0.5·1 − 1, 4 + 0 − 1
    expect(gae([1, 2, 4], [1, 1, 1], 0.5, 0)).toEqual([0.5, 1.5, 3])
  })

  it('gives a reward at the end to every token when nothing is discounted', () => {
    expect(gae([0, 0, 0, 1], [0, 0, 0, 0], 1, 1)).toEqual([1, 1, 1, 1])
  })

  it('is nothing for a critic that knows the returns', () => {
    expect(gae([1, 2, 4], [7, 6, 4], 1, 0.95)).toEqual([0, 0, 0])
  })

  it('of no token is empty', () => {
    expect(gae([], [], 1, 0.95)).toEqual([])
  })

  it('agrees with the sum of its definition on any completion', () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true })
    const completion = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 40 })
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(completion, share, share, (tokens, gamma, lambda) => {
        const rewards = tokens.map(([reward]) => reward)
        const values = tokens.map(([, value]) => value)
        gae(rewards, values, gamma, lambda).forEach((advantage, t) =>
          expect(advantage).toBeCloseTo(slowGae(rewards, values, gamma, lambda)[t]!, 8),
        )
      }),
    )
  })
})
