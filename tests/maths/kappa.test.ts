import { describe, expect, it } from 'vitest'
import { cohensKappa, type TwoByTwo } from '../../src-main/maths/kappa'
import recorded from '../fixtures/arena/kappa.json'

const pairs = ([[a = 0, b = 0] = [], [c = 0, d = 0] = []]: number[][]): TwoByTwo => [
  [a, b],
  [c, d],
]

describe('Cohen’s kappa', () => {
  it('is that of statsmodels, with its variance', () => {
    for (const { table, kappa, variance } of recorded) {
      const ours = cohensKappa(pairs(table))!
      expect(ours.value).toBeCloseTo(kappa, 10)
      expect(ours.variance).toBeCloseTo(variance, 10)
    }
  })

  it('is 1 where they always agree, −1 where they never do', () => {
    expect(
      cohensKappa([
        [5, 0],
        [0, 5],
      ])!.value,
    ).toBe(1)
    expect(
      cohensKappa([
        [0, 5],
        [5, 0],
      ])!.value,
    ).toBe(-1)
  })

  it('is nothing where chance alone makes them agree, or nobody said anything', () => {
    expect(
      cohensKappa([
        [7, 0],
        [0, 0],
      ]),
    ).toBeUndefined()
    expect(
      cohensKappa([
        [0, 0],
        [0, 0],
      ]),
    ).toBeUndefined()
  })
})
