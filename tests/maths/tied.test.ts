import { describe, expect, it } from 'vitest'
import { tiesTold } from '../../src-main/maths/tied'

describe('ties', () => {
  it('are told when equals differ less from one another than from the others', () => {
    // equals 3 and 2.5 differ by 0.5; the nearest other is 1 below
    expect(tiesTold([3, 2.5, 1.5], [1, 1, 0])).toEqual({ groups: 1, told: 1 })
    // equals 3 and 2 differ by 1; the nearest other is 0.5 below
    expect(tiesTold([3, 2, 1.5], [1, 1, 0])).toEqual({ groups: 1, told: 0 })
  })

  it('are not told when one of the equals lies on the wrong side', () => {
    expect(tiesTold([3, 1, 2], [1, 1, 0])).toEqual({ groups: 1, told: 0 })
    // two bad ones, one of them above the good one
    expect(tiesTold([3, 4, 1], [1, 0, 0])).toEqual({ groups: 1, told: 0 })
  })

  it('are those of each group by itself', () => {
    // good: 5 and 5; middle: 3 alone; bad: 1 and 0.5
    expect(tiesTold([5, 5, 3, 1, 0.5], [2, 2, 1, 0, 0])).toEqual({ groups: 2, told: 2 })
  })

  it('are none where all is equal, or nothing', () => {
    expect(tiesTold([1, 2], [1, 1])).toEqual({ groups: 0, told: 0 })
    expect(tiesTold([1, 2], [1, 0])).toEqual({ groups: 0, told: 0 })
  })
})
