import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logScale, place, stepScale, valueScale } from '../../../src-renderer/charts/scale'

describe('an axis of values', () => {
  it.each([
    [0.11, 0.71, true, [0, 0.4, 0.8]],
    [0.0, 0.11, true, [0, 0.06, 0.12]],
    [1.04, 1.62, false, [1, 1.5, 2]],
    [-0.2, 0.7, true, [-0.8, 0, 0.8]],
    [0, 0, true, [0, 0.5, 1]],
    [38, 64, true, [0, 40, 80]],
  ])('from %f to %f has three round labels', (min, max, hasZero, ticks) => {
    expect(valueScale(min, max, hasZero).ticks).toEqual(ticks)
  })

  it('takes every value in and zero where it means something', () => {
    const number = fc.double({ min: -1e9, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(number, number, fc.boolean(), (a, b, hasZero) => {
        const scale = valueScale(Math.min(a, b), Math.max(a, b), hasZero)
        const slack = (scale.max - scale.min) * 1e-6
        expect(scale.min).toBeLessThanOrEqual(Math.min(a, b) + slack)
        expect(scale.max).toBeGreaterThanOrEqual(Math.max(a, b) - slack)
        if (hasZero) expect(scale.min * scale.max).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('a logarithmic axis', () => {
  it('runs between numbers that begin with 1, 2 or 5, with one near the middle', () => {
    expect(logScale(0.6, 412).ticks).toEqual([0.5, 20, 500])
    expect(logScale(1.4, 4.5).ticks).toEqual([1, 2, 5])
  })

  it('gives one value room on both sides', () => {
    const { min, max } = logScale(1, 1)
    expect([min, max]).toEqual([1, 2])
  })

  it('puts equal ratios equally far apart', () => {
    const scale = logScale(1, 100)
    expect(place(scale, 10)).toBeCloseTo(0.5, 12)
    expect(place(scale, 1)).toBe(0)
    expect(place(scale, 100)).toBe(1)
  })
})

describe('the axis of steps', () => {
  it('spans the whole planned run and keeps labels clear of the end, which carries the unit', () => {
    expect(stepScale(400).ticks).toEqual([0, 100, 200, 300, 400])
    expect(stepScale(2022).ticks).toEqual([0, 500, 1000, 1500, 2022])
    expect(stepScale(12_500).ticks, 'of 12,500 updates').toEqual([0, 5000, 12_500])
    expect(stepScale(60).ticks).toEqual([0, 20, 40, 60])
  })

  it('exists before the plan is known', () => {
    expect(stepScale(0)).toMatchObject({ min: 0, max: 1 })
  })
})
