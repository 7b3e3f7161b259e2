import { describe, expect, it } from 'vitest'
import { appendPoint, emptySeries, rewind, type Series } from '../../../src-renderer/stores/series'

const shown = ({ steps, values, length }: Series) =>
  [...steps.subarray(0, length)].map((step, index) => [step, values[index]])

describe('a growing series', () => {
  it('keeps its points in order, however many come', () => {
    const series = emptySeries()
    for (let step = 1; step <= 1000; step++) appendPoint(series, step, step / 2)
    expect(series.length).toBe(1000)
    expect([series.steps[999], series.values[999]]).toEqual([1000, 500])
  })

  it('does not call an appended point a change of what was there', () => {
    const series = emptySeries()
    appendPoint(series, 1, 5)
    appendPoint(series, 2, 6)
    expect(series.revision).toBe(0)
  })

  it('goes back to where a resumed run went on', () => {
    const series = emptySeries()
    for (const step of [1, 2, 3, 4]) appendPoint(series, step, step)
    rewind(series, 2)
    expect(shown(series)).toEqual([
      [1, 1],
      [2, 2],
    ])
    expect(series.revision).toBe(1)
    rewind(series, 7)
    expect(series.revision).toBe(1) // nothing lay after 7
  })

  it('lets a step that comes again replace itself and what came after it', () => {
    const series = emptySeries()
    for (const step of [1, 2, 3]) appendPoint(series, step, step)
    appendPoint(series, 2, 20)
    expect(shown(series)).toEqual([
      [1, 1],
      [2, 20],
    ])
  })
})
