import { describe, expect, it } from 'vitest'
import { warmupThenCosine } from '../../src-main/maths/schedule'

const schedule = { peak: 1, warmupUpdates: 4, totalUpdates: 104, finalFraction: 0.1 }

describe('the step size', () => {
  it('rises in a straight line to its peak and is never 0', () => {
    // step + 1 over 4 + 1
    expect([0, 1, 2, 3, 4].map((step) => warmupThenCosine(step, schedule))).toEqual([0.2, 0.4, 0.6, 0.8, 1])
  })

  it('comes down along half a cosine', () => {
    // half way: 0.1 + 0.9 · ½(1 + cos 90°) = 0.55; a quarter: 0.1 + 0.9 · ½(1 + 0.70711) = 0.86820
    expect(warmupThenCosine(54, schedule)).toBeCloseTo(0.55, 10)
    expect(warmupThenCosine(29, schedule)).toBeCloseTo(0.8682, 4)
    expect(warmupThenCosine(103, schedule)).toBeCloseTo(0.1002, 4)
  })

  it('stays at the bottom after the last update', () => {
    expect(warmupThenCosine(104, schedule)).toBeCloseTo(0.1, 10)
    expect(warmupThenCosine(9999, schedule)).toBeCloseTo(0.1, 10)
  })

  it('is constant when it ends where it begins', () => {
    expect([4, 50, 103].map((step) => warmupThenCosine(step, { ...schedule, finalFraction: 1 }))).toEqual([
      1, 1, 1,
    ])
  })

  it('is finite when the whole run is warm-up, or shorter than it', () => {
    const short = { ...schedule, totalUpdates: 4 }
    expect([0, 3, 4, 5].map((step) => warmupThenCosine(step, short))).toEqual([
      0.2,
      0.8,
      1,
      expect.closeTo(0.1, 10),
    ])
    expect(warmupThenCosine(0, { ...schedule, warmupUpdates: 0 })).toBe(1)
  })
})
