import { describe, expect, it } from 'vitest'
import { concordance, separatePairs } from '../../src-main/maths/concordance'

describe('concordance', () => {
  it('counts pairs in the right order, ties as one half, and pairs of one rating not at all', () => {
    // ratings 0, 1, 1, 2: five pairs differ. Scores 0.1, 0.3, 0.1, 0.2: right are 0–1, 0–2 by half, 0–3, 2–3;
    // 1–3 is wrong
    expect(concordance([0.1, 0.3, 0.1, 0.2], [0, 1, 1, 2])).toBeCloseTo(3.5 / 5, 10)
  })

  it('is 1 in the right order, 0 in the opposite and one half where nothing can be told', () => {
    expect(concordance([1, 2, 3], [1, 2, 3])).toBe(1)
    expect(concordance([3, 2, 1], [1, 2, 3])).toBe(0)
    expect(concordance([3, 2, 1], [1, 1, 1])).toBe(0.5)
  })
})

describe('pairs that share nothing', () => {
  it('are as many as the texts of one rating find partners of another', () => {
    expect(separatePairs([1, 1, 1, 0])).toBe(1) // three good ones, one bad one
    expect(separatePairs([1, 0, 1, 0, 1])).toBe(2)
    expect(separatePairs([1, 2, 3, 4, 5])).toBe(2) // five texts make two pairs and one is left
    expect(separatePairs([3, 3, 3])).toBe(0)
    expect(separatePairs([])).toBe(0)
  })
})
