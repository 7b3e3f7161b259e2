/** How probably one completion is preferred to another: by hand. */
import { describe, expect, it } from 'vitest'
import { preferences, type PreferenceName } from '../../src-main/maths/preference'

const names = Object.keys(preferences) as PreferenceName[]

describe('the probability of being preferred', () => {
  it('by Bradley–Terry is σ of the difference: of log 3 it is ¾', () => {
    expect(preferences['bradley-terry'](Math.log(3) + 5, 5)).toBeCloseTo(0.75, 12)
    expect(preferences['bradley-terry'](-1000, 1000)).toBe(0)
  })

  it('by which is better is 1, ½ or 0', () => {
    expect([3, 2, 1].map((reward) => preferences.better(reward, 2))).toEqual([1, 0.5, 0])
  })

  it.each(names)('by %s is ½ between equals, and the two ways round make 1', (name) => {
    expect(preferences[name](0.3, 0.3)).toBe(0.5)
    expect(preferences[name](0.3, -2) + preferences[name](-2, 0.3)).toBeCloseTo(1, 12)
  })
})
