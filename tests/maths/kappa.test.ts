import { describe, expect, it } from 'vitest'
import { cohensKappa } from '../../src-main/maths/kappa'
import recorded from '../fixtures/arena/kappa.json'
import drawn from '../fixtures/agreement/agreement.json'

describe('Cohen’s kappa', () => {
  it('is that of statsmodels, with its variance', () => {
    for (const { table, kappa, variance } of recorded) {
      const ours = cohensKappa(table)!
      expect(ours.value).toBeCloseTo(kappa, 10)
      expect(ours.variance).toBeCloseTo(variance, 10)
    }
  })

  it('is that of scikit-learn and statsmodels for more than two things that can be said', () => {
    for (const { one, other, kappa, variance } of drawn.kappas) {
      const values = [...new Set([...one, ...other])].toSorted((a, b) => a - b)
      const table = values.map((said) =>
        values.map((heard) => one.filter((each, i) => each === said && other[i] === heard).length),
      )
      const ours = cohensKappa(table)!
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
