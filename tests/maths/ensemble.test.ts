import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bootstrapCounts, cautiousScore, deviationOf, offsetsToZero } from '../../src-main/maths/ensemble'
import { seeded } from '../../src-main/maths/random'
import * as tf from '../../src-main/compute/tf'
import { numbersOf } from './tensors'

const scores = fc.array(fc.tuple(...[0, 1, 2].map(() => fc.float({ min: -9, max: 9, noNaN: true }))), {
  minLength: 1,
  maxLength: 6,
})
const cautious = (of: readonly (readonly number[])[], caution: number): readonly number[] =>
  numbersOf(() => cautiousScore(tf.tensor2d(of.map((each) => [...each])), caution))

describe('the score of several heads', () => {
  it('is their mean less their deviation', () => {
    // means 2 and 5; deviations √((1 + 1)/2) = 1 and 0
    expect(cautious([[1, 3], [5, 5]], 0.5)).toEqual([1.5, 5]) // prettier-ignore
  })

  it('is what a naive loop makes of any scores', () => {
    fc.assert(
      fc.property(scores, fc.float({ min: 0, max: 4, noNaN: true }), (of, caution) => {
        cautious(of, caution).forEach((score, row) => {
          const heads = of[row]!
          const mean = heads.reduce((sum, each) => sum + each, 0) / heads.length
          expect(score).toBeCloseTo(mean - caution * deviationOf(heads), 3)
        })
      }),
    )
  })
})

describe('a head’s draw of the data', () => {
  it('has as many examples as there are, some of them twice and some not at all', () => {
    const counts = bootstrapCounts(1000, seeded(1, 'draw'))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000)
    // (1 − 1/n)ⁿ → 1/e of the examples are never drawn: 368 of 1000, ± 3 deviations of about 10
    const never = counts.filter((count) => count === 0).length
    expect(Math.abs(never - 368)).toBeLessThan(30)
  })
})

describe('what is added to each head’s bias', () => {
  it('makes the heads agree on where 0 is, and the score’s mean 0', () => {
    fc.assert(
      fc.property(scores, fc.float({ min: 0, max: 4, noNaN: true }), (of, caution) => {
        const offsets = offsetsToZero(of, caution)
        const moved = of.map((heads) => heads.map((score, head) => score + offsets[head]!))
        const meanOfHead = (head: number): number =>
          moved.reduce((sum, heads) => sum + heads[head]!, 0) / moved.length
        expect(meanOfHead(1)).toBeCloseTo(meanOfHead(0), 6)
        const mean = cautious(moved, caution).reduce((sum, score) => sum + score, 0) / moved.length
        expect(mean).toBeCloseTo(0, 3)
      }),
    )
  })
})
