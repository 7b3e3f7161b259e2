import { describe, expect, it } from 'vitest'
import { placed, spread } from '../../../src-renderer/charts/labels'
import { marksOf } from '../../../src-renderer/charts/marks'
import { drawnPanels, evidenceBehind, lineSmoother, linesOf } from '../../../src-renderer/charts/panel-lines'
import { panels, type Panel } from '../../../src-renderer/charts/panels'
import {
  axesOf,
  endLabels,
  lastReading,
  neighbourStep,
  readingsAt,
  strokesOf,
  type ChartLine,
} from '../../../src-renderer/charts/plot'
import { usualSmoothing } from '../../../src-renderer/charts/smoothing'
import type { Points } from '../../../src-renderer/charts/points'
import type { MetricName } from '../../../src-shared/metrics'
import { line } from './line'

const panel = (title: string): Panel => panels.find((one) => one.title === title) as Panel
const chartLine = (raw: Points, over: Partial<ChartLine> = {}): ChartLine => ({
  key: 'a',
  name: 'reward',
  raw,
  smoothed: raw,
  colour: 0,
  dash: [],
  ...over,
})
const run = (id: string, series: Partial<Record<MetricName, Points>>) => ({
  id,
  name: id,
  series: new Map(Object.entries(series) as [MetricName, Points][]),
})

describe('a point that stands alone', () => {
  it('is drawn as a mark, and points that make a line are not', () => {
    expect(marksOf([{ x: 1, y: 0.5 }])).toEqual([3])
    expect(marksOf([1, NaN, 2, 3, NaN, 4].map((y, x) => ({ x, y })))).toEqual([3, 0, 0, 0, 0, 3])
    expect(marksOf([1, 2, 3].map((y, x) => ({ x, y })))).toBe(0)
    expect(marksOf([])).toBe(0)
  })
})

describe('an accuracy in a chart', () => {
  const held = (count: number, low: number) =>
    run('rm-01', {
      'accuracy/held-out': line([0.5, 1]),
      'accuracy/held-out-count': line([count, count]),
      'accuracy/held-out-low': line([0.1, low]),
      'accuracy/held-out-high': line([0.9, 1]),
    })

  it('says of how many it is the share, where it lies, and what speaks against it', () => {
    const accuracy = panel('Accuracy')
    expect(evidenceBehind(accuracy, held(62, 0.94))).toBe('held out 1.00 of 62, 95 %: 0.94 to 1.00')
    expect(evidenceBehind(accuracy, held(1, 0.21))).toBe(
      'held out 1.00 of 1, 95 %: 0.21 to 1.00; only 1 held out',
    )
    expect(evidenceBehind(accuracy, held(40, 0.48))).toMatch(/; it may be chance$/)
    expect(evidenceBehind(accuracy, run('old', { 'accuracy/held-out': line([1]) }))).toBeUndefined()
    expect(evidenceBehind(panel('Reward'), held(62, 0.9))).toBeUndefined()
  })
})

describe('the lines of a panel', () => {
  const both = { 'reward/mean': line([0.1, 0.2]), 'reward/judge': line([0.3, 0.4]) } as const

  it('of one run have a colour a metric and its name', () => {
    expect(
      linesOf(panel('Reward'), [run('ppo-07', both)]).map(({ name, colour, dash }) => [name, colour, dash]),
    ).toEqual([
      ['reward', 0, []],
      ['held-out judge', 1, []],
    ])
  })

  it('of several runs have a colour a run and a dash a metric, so that they differ in black and white', () => {
    expect(
      linesOf(panel('Reward'), [run('ppo-06', both), run('ppo-07', both)]).map(({ name, colour, dash }) => [
        name,
        colour,
        dash,
      ]),
    ).toEqual([
      ['ppo-06, reward', 0, []],
      ['ppo-06, held-out judge', 0, [5, 3]],
      ['ppo-07, reward', 1, []],
      ['ppo-07, held-out judge', 1, [5, 3]],
    ])
  })

  it('of several runs are called by the run alone where there is one metric', () => {
    expect(
      linesOf(panel('Entropy'), [
        run('a', { 'policy/entropy': line([1]) }),
        run('b', { 'policy/entropy': line([2]) }),
      ]).map(({ name }) => name),
    ).toEqual(['a', 'b'])
  })

  it('leave out what has no point yet', () => {
    expect(
      linesOf(panel('Reward'), [run('ppo-07', { 'reward/mean': line([0.1]), 'reward/judge': line([]) })]).map(
        ({ name }) => name,
      ),
    ).toEqual(['reward'])
    expect(
      drawnPanels([run('base-01', { 'loss/train': line([4]), 'reward/mean': line([]) })]).map(
        ({ title }) => title,
      ),
    ).toEqual(['Loss'])
  })

  it('are smoothed each on its own, and go on where they stopped', () => {
    const smooth = lineSmoother()
    const [a, b] = smooth(
      [
        { ...chartLine(line([2, 0])), key: 'a' },
        { ...chartLine(line([8, 8])), key: 'b' },
      ],
      0.5,
    )
    expect([a?.smoothed.values[1], b?.smoothed.values[1]]).toEqual([
      expect.closeTo(2 / 3, 12),
      expect.closeTo(8, 12),
    ])
  })
})

describe('the axes of a chart', () => {
  it('span the whole planned run, so that the empty part is the work left', () => {
    expect(axesOf(panel('Loss'), [chartLine(line([4, 3, 2]))], 400, false).x.max).toBe(400)
  })

  it('never cut a value off', () => {
    const { y } = axesOf(panel('Gradient norm'), [chartLine(line([0.7, 412, 0.6]))], 3, false)
    expect(y.max).toBeGreaterThanOrEqual(412)
  })

  it('keep the whole range where values cannot leave it', () => {
    expect(axesOf(panel('Accuracy'), [chartLine(line([0.6, 0.7]))], 10, false).y.ticks).toEqual([0, 0.5, 1])
  })

  it('are logarithmic on request, but not where a value is not above zero', () => {
    expect(axesOf(panel('Loss'), [chartLine(line([4, 2]))], 10, true).y.isLog).toBe(true)
    expect(axesOf(panel('Reward'), [chartLine(line([-0.1, 2]))], 10, true).y.isLog).toBe(false)
  })
})

describe('the strokes of a chart', () => {
  it('are the raw line, thin and faint, below the smoothed one', () => {
    const smoothed = chartLine(line([1, 2]), { smoothed: line([1, 1.5]), dash: [5, 3] })
    const axes = axesOf(panel('Reward'), [smoothed], 10, false)
    expect(
      strokesOf([smoothed], axes, ['red'], 300).map(({ width, opacity, dash }) => [width, opacity, dash]),
    ).toEqual([
      [1, 0.28, []],
      [1.75, 1, [5, 3]],
    ])
  })

  it('are one a line without smoothing', () => {
    const raw = chartLine(line([1, 2]))
    expect(strokesOf([raw], axesOf(panel('Reward'), [raw], 10, false), ['red'], 300)).toHaveLength(1)
  })
})

describe('the names at the ends of lines', () => {
  it('move apart until no two are nearer than their height', () => {
    expect(spread([50, 52, 90], 13, 100)).toEqual([50, 63, 90])
    expect(spread([98, 99], 13, 100)).toEqual([87, 100]) // pushed up by the first, held down by the top
  })

  it('stand behind the line while there is room, else over it', () => {
    const ends = [
      { name: 'reward', colour: 0, left: 0.5, height: 0.5 },
      { name: 'reward', colour: 0, left: 1, height: 0.1 },
    ]
    expect(
      placed(ends, { width: 300, height: 100 }).map(({ isInside, bottom }) => [isInside, bottom]),
    ).toEqual([
      [false, 50],
      [true, 19],
    ])
  })

  it('stand where the line is, not where its run will end', () => {
    const early = chartLine(line([0.4, 0.8], [0, 100]))
    const axes = axesOf(panel('Reward'), [early], 400, false)
    expect(endLabels([early], axes, { width: 400, height: 100 })[0]).toMatchObject({
      left: 0.25,
      bottom: 100,
      isInside: false,
    })
  })
})

describe('reading a chart at a step', () => {
  it('names the measured and the smoothed value', () => {
    expect(readingsAt([chartLine(line([1, 5]), { smoothed: line([1, 3]) })], 1)).toEqual([
      { key: 'a', name: 'reward', colour: 0, step: 1, raw: 5, smoothed: 3 },
    ])
  })

  it('is silent on a line that has not come so far', () => {
    const short = chartLine(line([1, 2, 3], [10, 20, 30]))
    expect(readingsAt([short], 39)).toHaveLength(1) // nearer to its last point than points lie apart
    expect(readingsAt([short], 45)).toEqual([])
    expect([
      readingsAt([chartLine(line([1, 2], [50, 60]))], 2),
      readingsAt([chartLine(line([1]))], 5),
    ]).toEqual([[], []])
  })

  it('says the newest number even when the last value is none', () => {
    expect(lastReading(chartLine(line([3, 4, NaN])))).toBe(4)
    expect(lastReading(chartLine(line([])))).toBeUndefined()
  })

  it('steps to the next measured step of any line, and stays at the ends', () => {
    const lines = [chartLine(line([1, 2], [0, 10])), chartLine(line([1, 2], [5, 15]))]
    expect([
      neighbourStep(lines, 0, 1),
      neighbourStep(lines, 10, -1),
      neighbourStep(lines, 15, 1),
      neighbourStep(lines, 0, -1),
    ]).toEqual([5, 5, undefined, undefined])
  })
})

describe('the usual smoothing', () => {
  it('is less for a short run', () => {
    expect([40, 300, 2022].map(usualSmoothing)).toEqual([0.5, 0.8, 0.9])
  })
})
