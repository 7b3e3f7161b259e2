import { describe, expect, it } from 'vitest'
import {
  clusteredCovariance,
  comparableGroups,
  differenceVariance,
  fitPaired,
  type PairedOutcome,
} from '../../src-main/maths/paired-ratings'
import { normalShareBelow } from '../../src-main/maths/normal'
import { inverted, product } from '../../src-main/maths/small-matrices'
import byArenaRank from '../fixtures/arena/arena-rank.json'
import recorded from '../fixtures/arena/ratings.json'

const outcomes: readonly PairedOutcome[] = recorded.outcomes
const withLength = outcomes.map((outcome, index) => ({
  ...outcome,
  covariates: [recorded.covariate[index]!],
}))
const plain = { contenders: 5, covariates: 0, prior: 0 }
const toFirst = (ratings: readonly number[]): number[] =>
  ratings.slice(1).map((rating) => rating - ratings[0]!)
const variances = (matrix: Parameters<typeof differenceVariance>[0]): number[] =>
  [1, 2, 3, 4].map((one) => differenceVariance(matrix, one, 0))
const diagonal = (matrix: readonly (readonly number[])[]): number[] =>
  matrix.map((row, i) => row[i]!).slice(0, 4)

function expectClose(ours: readonly number[], theirs: readonly number[], digits = 8): void {
  expect(ours).toHaveLength(theirs.length)
  for (const [index, value] of ours.entries()) expect(value).toBeCloseTo(theirs[index]!, digits)
}

describe('ratings from paired comparisons', () => {
  it('are those of statsmodels, choix and arena-rank, ties as half wins', () => {
    const differences = toFirst(fitPaired(outcomes, plain).ratings)
    expectClose(differences, recorded.statsmodels.params)
    expectClose(differences, recorded.choix.slice(1))
    expectClose(
      differences,
      byArenaRank.points.slice(1).map((points) => (points * Math.LN10) / 400),
      5,
    )
  })

  it('have their differences’ variances from the information, and clustered by annotator and by prompt', () => {
    const fit = fitPaired(outcomes, plain)
    expectClose(variances(fit.inverseInformation), diagonal(recorded.statsmodels.covariance))
    const by = (name: 'annotator' | 'prompt') =>
      variances(
        clusteredCovariance(
          outcomes,
          plain,
          fit,
          recorded.outcomes.map((each) => each[name]),
        ),
      )
    expectClose(by('annotator'), diagonal(recorded.statsmodels.byAnnotator))
    expectClose(by('prompt'), diagonal(recorded.statsmodels.byPrompt))
  })

  it('have arena-rank’s variances where each judgment stands alone', () => {
    const fit = fitPaired(outcomes, plain)
    const alone = outcomes.map((_, index) => String(index))
    // its Hessian has 1e-5 on its diagonal
    expectClose(variances(clusteredCovariance(outcomes, plain, fit, alone)), byArenaRank.variances, 5)
  })

  it('are those of statsmodels at equal length, with the effect of length', () => {
    const shape = { ...plain, covariates: 1 }
    const fit = fitPaired(withLength, shape)
    expectClose([...toFirst(fit.ratings), ...fit.effects], recorded.atEqualLength.params)
    expectClose(variances(fit.inverseInformation), diagonal(recorded.atEqualLength.covariance))
    const prompts = recorded.outcomes.map(({ prompt }) => prompt)
    expectClose(
      variances(clusteredCovariance(withLength, shape, fit, prompts)),
      diagonal(recorded.atEqualLength.byPrompt),
    )
  })

  it('held by a prior are where scipy’s minimiser ends', () => {
    const fit = fitPaired(recorded.lost, { ...plain, prior: recorded.prior })
    expectClose(toFirst(fit.ratings), recorded.scipy.slice(1), 5)
  })

  it('are ln 3 apart when one won three of four', () => {
    const three = [1, 1, 1, 0].map((score) => ({ left: 0, right: 1, score }))
    const { ratings, inverseInformation } = fitPaired(three, { contenders: 2, covariates: 0, prior: 0 })
    expect(ratings[0]! - ratings[1]!).toBeCloseTo(Math.log(3), 12)
    // 1 / (4 · ¾ · ¼)
    expect(differenceVariance(inverseInformation, 0, 1)).toBeCloseTo(4 / 3, 10)
  })

  it('do not end where somebody has won or lost everything, and that is known before', () => {
    expect(comparableGroups(recorded.lost, 5)).toEqual([[0, 1, 3, 4], [2]])
    expect(comparableGroups(outcomes, 5)).toEqual([[0, 1, 2, 3, 4]])
    // two groups that never met
    const apart = [0, 1].flatMap((score) => [
      { left: 0, right: 1, score },
      { left: 2, right: 3, score },
    ])
    expect(comparableGroups(apart, 4)).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(comparableGroups([{ left: 0, right: 1, score: 0.5 }], 2)).toEqual([[0, 1]])
    expect(() => fitPaired(recorded.lost, plain)).toThrow(RangeError)
  })
})

describe('the normal distribution', () => {
  it('has its shares below', () => {
    // tables: Φ(1.96) = 0.9750021, Φ(−1) = 0.1586553
    expect(normalShareBelow(0)).toBeCloseTo(0.5, 8)
    expect(normalShareBelow(1.96)).toBeCloseTo(0.9750021, 6)
    expect(normalShareBelow(-1)).toBeCloseTo(0.1586553, 6)
  })
})

describe('a small matrix', () => {
  it('times its inverse is one, also where a pivot is 0', () => {
    const matrix = [
      [0, 2, 1],
      [1, 1, 0],
      [3, 0, 1],
    ]
    const one = product(matrix, inverted(matrix))
    for (const [i, row] of one.entries())
      for (const [j, value] of row.entries()) expect(value).toBeCloseTo(i === j ? 1 : 0, 12)
    expect(() =>
      inverted([
        [1, 2],
        [2, 4],
      ]),
    ).toThrow(RangeError)
  })
})
