import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestAgainstWorst } from '../../src-main/maths/judged-pairs'
import { bestOfGroups, bestShare } from '../../src-main/maths/kept-completions'

describe('what is kept of a rollout', () => {
  it('is the best of each group, the first of equals, and none of a group of equals', () => {
    expect(bestOfGroups([1, 3, 2, /**/ 5, 5, 0, /**/ 4, 4, 4], 3)).toEqual([1, 3])
  })

  it('is the best third of all, never the lowest', () => {
    expect(bestShare([1, 3, 2, 5, 0, 4], 1 / 3)).toEqual([3, 5])
    expect(bestShare([1, 1, 1], 1)).toEqual([])
    expect(bestShare([1, 0, 1], 1)).toEqual([0, 2])
  })

  it('of pairs is the best against the worst, and no pair of a tie', () => {
    expect(bestAgainstWorst([1, 3, 2, /**/ 4, 4, 4, /**/ 0, 1, 1], 3)).toEqual([
      { chosen: 1, rejected: 0 },
      { chosen: 7, rejected: 6 },
    ])
  })

  it('agrees with a naive loop', () => {
    const groups = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), {
      minLength: 1,
    })
    fc.assert(
      fc.property(groups, (drawn) => {
        const rewards = drawn.flat()
        for (const { chosen, rejected } of bestAgainstWorst(rewards, 4)) {
          const group = Math.floor(chosen / 4)
          expect(Math.floor(rejected / 4)).toBe(group)
          for (const reward of drawn[group]!) {
            expect(reward).toBeLessThanOrEqual(rewards[chosen]!)
            expect(reward).toBeGreaterThanOrEqual(rewards[rejected]!)
          }
        }
        expect(bestOfGroups(rewards, 4)).toEqual(bestAgainstWorst(rewards, 4).map(({ chosen }) => chosen))
      }),
    )
  })
})
