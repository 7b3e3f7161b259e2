import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { downsample } from '../../../src-renderer/charts/downsample'
import { line } from './line'

describe('downsampling a line', () => {
  it('takes a short line as it is', () => {
    expect(downsample(line([3, 1, 2]), 0, 2, 10)).toEqual([
      { x: 0, y: 3 },
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ])
  })

  it('keeps the smallest and the largest value of each bucket, in the order they came', () => {
    // steps 0 … 7 in two buckets of [0, 4): 0–3 and 4–7; extremes 9 then 1, and 2 then 8
    expect(downsample(line([5, 9, 1, 4, 2, 8, 3, 5]), 0, 8, 2)).toEqual([
      { x: 1, y: 9 },
      { x: 2, y: 1 },
      { x: 4, y: 2 },
      { x: 5, y: 8 },
    ])
  })

  it('never loses a peak, whatever the line', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 500 }),
        fc.integer({ min: 1, max: 40 }),
        (values, buckets) => {
          const kept = downsample(line(values), 0, values.length - 1, buckets).map((point) => point.y)
          expect(Math.max(...kept)).toBe(Math.max(...values))
          expect(Math.min(...kept)).toBe(Math.min(...values))
        },
      ),
    )
  })

  it('gives about two points a pixel for 100,000', () => {
    const values = Array.from({ length: 100_000 }, (_, step) => Math.sin(step / 50))
    const thinned = downsample(line(values), 0, 99_999, 600)
    expect(thinned.length).toBeGreaterThan(1000)
    expect(thinned.length).toBeLessThanOrEqual(1202) // 600 buckets and the last step, two each
    expect(thinned.map((point) => point.x)).toEqual(thinned.map((point) => point.x).sort((a, b) => a - b))
  })

  it('leaves a gap where a bucket has no number, and steps over one lost value beside others', () => {
    const points = downsample(line([1, NaN, 2, 3, NaN, NaN, NaN, NaN, 4, 5, 6, 7]), 0, 12, 3)
    expect(points.map((point) => point.y)).toEqual([1, 3, NaN, 4, 7])
  })

  it('shows only the steps asked for', () => {
    expect(downsample(line([1, 2, 3, 4], [0, 10, 20, 30]), 10, 20, 5).map((point) => point.x)).toEqual([
      10, 20,
    ])
  })
})
