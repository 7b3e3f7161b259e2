import { describe, expect, it } from 'vitest'
import { distinct2 } from '../../src-main/maths/distinct'

describe('distinct-2', () => {
  it('is different word pairs over all word pairs', () => {
    // great great, great great, great great: 1 of 3
    expect(distinct2(['great great great great'])).toBeCloseTo(1 / 3, 12)
    // a b, b c, a b: 2 of 3
    expect(distinct2(['a b c', 'a b'])).toBeCloseTo(2 / 3, 12)
  })

  it('makes no pair across two texts', () => {
    expect(distinct2(['a b', 'c d'])).toBe(1)
    expect(distinct2(['a', 'b', 'c'])).toBe(0)
  })

  it('parts words at any white space and keeps their signs', () => {
    expect(distinct2(['a  b\n', '\ta b'])).toBe(1 / 2)
    expect(distinct2(['a b.', 'a b'])).toBe(1)
  })

  it('is 0 when there is no pair at all', () => {
    expect(distinct2([])).toBe(0)
    expect(distinct2(['', ' '])).toBe(0)
  })
})
