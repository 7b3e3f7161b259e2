import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { behindMedian, type Course } from '../../src-main/maths/median-stopping'

interface Recorded {
  readonly mode: 'min' | 'max'
  readonly grace: number
  readonly least: number
  readonly courses: readonly (readonly (readonly [number, number])[])[]
  readonly stoppedAt: readonly (number | null)[]
}

const { cases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/sweeps/median-stopping.json'), 'utf8'),
) as { readonly cases: readonly Recorded[] }

const firstOf = (points: Recorded['courses'][number], count: number): Course => ({
  steps: points.slice(0, count).map(([step]) => step),
  values: points.slice(0, count).map(([, value]) => value),
})

/** Trials one after the other, each to its end or until it is stopped. */
function stops({ mode, grace, least, courses }: Recorded): readonly (number | null)[] {
  const rule = { better: mode === 'max' ? 'higher' : 'lower', afterStep: grace, leastOthers: least } as const
  const before: Course[] = []
  return courses.map((points) => {
    const count = points.findIndex((_, index) => behindMedian(firstOf(points, index + 1), before, rule)) + 1
    before.push(firstOf(points, count === 0 ? points.length : count))
    return count === 0 ? null : points[count - 1]![0]
  })
}

const rule = { better: 'higher', afterStep: 0, leastOthers: 1 } as const
const course = (...values: readonly number[]): Course => ({ steps: values.map((_, i) => i + 1), values })

describe('the median stopping rule', () => {
  it.each(cases.map((each, index) => [index, each] as const))(
    'stops in case %i the trials that Ray Tune stops, at the same steps',
    (_, recorded) => {
      expect(stops(recorded)).toEqual(recorded.stoppedAt)
    },
  )

  it('holds the best so far against the median of the means: by hand', () => {
    const others = [course(1, 3, 9), course(2, 2, 2), course(5, 7, 0)] // means to step 2: 2, 2, 6
    expect(behindMedian(course(1, 2), others, rule)).toBeUndefined() // 2 is not below 2
    expect(behindMedian(course(1.9, 1), others, rule)).toEqual({ step: 2, best: 1.9, median: 2, others: 3 })
    expect(behindMedian(course(1.9, 1), others.slice(1), rule)).toMatchObject({ median: 4, others: 2 })
  })

  it('counts no trial that has not come so far, or has measured nothing', () => {
    const none = { steps: [], values: [] }
    expect(behindMedian(course(0, 0, 0), [course(9, 9), none], rule)).toBeUndefined()
    expect(behindMedian(none, [course(9, 9)], rule)).toBeUndefined()
    expect(behindMedian(course(0), [{ steps: [1], values: [NaN] }], rule)).toBeUndefined()
  })
})
