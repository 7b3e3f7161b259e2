/** Statistics of evaluation against SciPy and scikit-learn (tests/fixtures/statistics). */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { calibration } from '../../src-main/maths/calibration'
import { concordance, kendallTau, pairsApart } from '../../src-main/maths/concordance'
import { shareWithInterval } from '../../src-main/maths/interval'

interface Recorded {
  readonly shares: readonly Readonly<Record<'count' | 'total' | 'low' | 'high', number>>[]
  readonly orders: readonly {
    readonly scores: readonly number[]
    readonly ratings: readonly number[]
    readonly tau: number
  }[]
  readonly area: {
    readonly scores: readonly number[]
    readonly labels: readonly number[]
    readonly area: number
  }
  readonly calibration: {
    readonly leads: readonly number[]
    readonly said: readonly number[]
    readonly right: readonly number[]
    readonly pairs: readonly number[]
    readonly error: number
  }
}
const recorded = JSON.parse(
  readFileSync(new URL('../fixtures/statistics/statistics.json', import.meta.url), 'utf8'),
) as Recorded

describe('statistics are those of SciPy and scikit-learn:', () => {
  it.each(recorded.shares)('Wilson’s interval of $count of $total', ({ count, total, low, high }) => {
    const { interval } = shareWithInterval(count, total)
    expect(interval.low).toBeCloseTo(low, 12)
    expect(interval.high).toBeCloseTo(high, 12)
  })

  it.each(recorded.orders)('Kendall’s τ-b with ties, $tau', ({ scores, ratings, tau }) => {
    expect(kendallTau(scores, ratings)).toBeCloseTo(tau, 12)
  })

  it('concordance with two ratings is the area under the ROC curve', () => {
    const { scores, labels, area } = recorded.area
    expect(concordance(scores, labels)).toBeCloseTo(area, 12)
    const good = labels.filter((label) => label === 1).length
    expect(pairsApart(labels)).toBe(good * (labels.length - good))
  })

  it('the calibration curve and its mean distance', () => {
    const { leads, said, right, pairs, error } = recorded.calibration
    const found = calibration(leads)
    expect(found.bins.map((bin) => bin.pairs)).toEqual(pairs)
    for (const [index, bin] of found.bins.entries()) {
      expect(bin.said).toBeCloseTo(said[index]!, 12)
      expect(bin.right).toBeCloseTo(right[index]!, 12)
    }
    expect(found.error).toBeCloseTo(error, 12)
  })
})
