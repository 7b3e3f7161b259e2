import { describe, expect, it } from 'vitest'
import {
  isWithin,
  movedBrush,
  parallelAxis,
  polyline,
  widenedBrush,
} from '../../../src-renderer/charts/parallel'

describe('an axis of parallel coordinates', () => {
  it('goes evenly from the smallest to the largest, or by powers where they lie far apart', () => {
    const even = parallelAxis('Beta', [0.1, 0.5, 0.3])
    expect([0.1, 0.3, 0.5].map((value) => even.place(value))).toEqual([0, expect.closeTo(0.5), 1])
    const powers = parallelAxis('Rate', [1e-5, 1e-3], 'nats')
    expect(powers.place(1e-4)).toBeCloseTo(0.5)
    expect(powers.below).toBe('nats, log scale')
  })

  it('places one value in the middle, texts by their order, and nothing nowhere', () => {
    expect(parallelAxis('Seed', [7, 7]).place(7)).toBe(0.5)
    const texts = parallelAxis('Order', ['a', 'b', undefined, 'a'])
    expect(['a', 'b', 'c', undefined].map((value) => texts.place(value))).toEqual([
      0,
      1,
      undefined,
      undefined,
    ])
    expect(parallelAxis('None', [undefined, NaN]).place(1)).toBeUndefined()
    expect(parallelAxis('Zero', [0, 1e-9, 5]).below).toBe('')
  })
})

describe('a brush', () => {
  const brush = { axis: 1, from: 0.4, to: 0.6 }
  it('keeps what crosses its axis there', () => {
    expect(isWithin([0, 0.5], brush)).toBe(true)
    expect(isWithin([0.5, 0], brush)).toBe(false)
    expect(isWithin([0.5, undefined], brush)).toBe(false)
    expect(isWithin([0.5, undefined], undefined)).toBe(true)
  })
  it('moves and widens within its axis', () => {
    const moved = movedBrush(brush, 0.9)
    expect(moved.from).toBeCloseTo(0.8)
    expect(moved.to).toBeCloseTo(1)
    expect(widenedBrush(brush, 0.5)).toEqual({ axis: 1, from: 0, to: 1 })
    expect(widenedBrush(brush, -0.5)).toEqual(brush)
  })
})

it('a line skips the axes where it has no value', () => {
  expect(polyline([0, undefined, 1], 100, 10)).toBe('0,10 100,0')
})
