import { describe, expect, it } from 'vitest'
import { smoother } from '../../../src-renderer/charts/smoothing'
import type { Points } from '../../../src-renderer/charts/points'
import { line } from './line'

const values = (points: Points): number[] => [...points.values.subarray(0, points.length)]
const closeTo = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 12))

describe('the smoothed line', () => {
  it('is the mean of the past, newer values weighing more', () => {
    // w = 0.5: m = 2, then 0.5·2 + 0.5·0 = …  without bias correction m₁ = 1, m₂ = 0.5, m₃ = 2.25
    // divided by 1 − 0.5ⁿ = 0.5, 0.75, 0.875: 2, 2/3, 18/7
    expect(values(smoother(0.5)(line([2, 0, 4])))).toEqual(closeTo([2, 2 / 3, 18 / 7]))
  })

  it('starts at the first value and stays on a constant line', () => {
    expect(values(smoother(0.99)(line([7, 7, 7, 7])))).toEqual(closeTo([7, 7, 7, 7]))
  })

  it('is the line itself without smoothing', () => {
    const points = line([1, 5, 2])
    expect(smoother(0)(points)).toBe(points)
  })

  it('is the same whether the points come at once or one after another', () => {
    const all = [4, 8, 15, 16, 23, 42]
    const step = smoother(0.9)
    for (let length = 1; length < all.length; length++) step(line(all.slice(0, length)))
    expect(values(step(line(all)))).toEqual(closeTo(values(smoother(0.9)(line(all)))))
  })

  it('begins again when points that were there have changed', () => {
    const smooth = smoother(0.5)
    smooth(line([100, 100]))
    expect(values(smooth({ ...line([2, 0, 4]), revision: 1 }))).toEqual(closeTo([2, 2 / 3, 18 / 7]))
  })

  it('leaves a gap at a value that is not a number and goes on after it', () => {
    expect(values(smoother(0.5)(line([2, NaN, 0])))).toEqual([2, NaN, expect.closeTo(2 / 3, 12)])
  })
})
