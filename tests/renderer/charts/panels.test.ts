import { describe, expect, it } from 'vitest'
import { against } from '../../../src-renderer/charts/against'
import { textOf } from '../../../src-renderer/words/setting-text'
import { formatTick, formatValue } from '../../../src-shared/figures'
import { panels } from '../../../src-renderer/charts/panels'
import { extent, nearest } from '../../../src-renderer/charts/points'
import { metricNames, metrics } from '../../../src-shared/metrics'
import { line } from './line'

describe('the charts', () => {
  it('give every metric exactly one place', () => {
    expect(panels.flatMap((panel) => panel.metrics).sort()).toEqual([...metricNames].sort())
  })

  it('draw only metrics of one unit together', () => {
    for (const panel of panels)
      expect(new Set(panel.metrics.map((name) => metrics[name].unit)).size, panel.title).toBe(1)
  })

  it('have titles that are told apart', () => {
    expect(new Set(panels.map((panel) => panel.title)).size).toBe(panels.length)
  })
})

describe('a number in a chart', () => {
  it.each([
    [0.6721, '0.672'],
    [0, '0'],
    [1.438, '1.44'],
    [52.13, '52.1'],
    [1204.4, '1,204'],
    [3e-4, '3.00e-4'],
    [-0.25, '−0.250'],
    [NaN, 'not a number'],
  ])('%f reads %s', (value, text) => {
    expect(formatValue(value)).toBe(text)
  })

  it.each([
    [0.4, '0.4'],
    [1500, '1,500'],
    [-0.8, '−0.8'],
    [3e-4, '3e-4'],
  ])('on an axis %f reads %s', (value, text) => {
    expect(formatTick(value)).toBe(text)
  })

  it.each([
    [3e-4, '3e-4'],
    [424242, '424242'],
    [0.05, '0.05'],
    [0, '0'],
    ['packed', 'packed'],
  ])('as a setting %s reads %s', (value, text) => {
    expect(textOf(value)).toBe(text)
  })
})

describe('a point under the pointer', () => {
  it('is the one whose step is nearest, the earlier of two', () => {
    const points = line([1, 2, 3], [0, 10, 20])
    expect([-5, 4, 5, 6, 19, 99].map((step) => nearest(points, step))).toEqual([0, 0, 0, 1, 2, 2])
    expect(nearest(line([]), 3)).toBeUndefined()
  })
})

describe('the extent of lines', () => {
  it('leaves out what cannot be drawn', () => {
    expect(extent([line([3, NaN, -1]), line([Infinity, 7])], false)).toEqual({ min: -1, max: 7 })
    expect(extent([line([3, -1, 0])], true)).toEqual({ min: 3, max: 3 })
    expect(extent([line([-1, NaN])], true)).toBeUndefined()
  })
})

describe('one metric against another', () => {
  it('pairs the steps that both have', () => {
    // KL at 0, 1, 2, 3; reward at 1, 3, 5: steps 1 and 3 are in both
    expect(against(line([0, 1, 2, 3]), line([0.5, 0.7, 0.9], [1, 3, 5]), 100)).toEqual([
      { x: 1, y: 0.5 },
      { x: 3, y: 0.7 },
    ])
  })

  it('thins long lines and keeps the newest point', () => {
    const many = line(Array.from({ length: 1000 }, (_, step) => step))
    const points = against(many, many, 100)
    expect(points).toHaveLength(100)
    expect(points.at(-1)).toEqual({ x: 999, y: 999 })
  })
})
