import { describe, expect, it } from 'vitest'
import { leaderOf } from '../../../src-renderer/words/arena-leader'
import type { RatedPair } from '../../../src-shared/records/arena'

const arena = { contenders: ['base', 'dpo', 'ppo'].map((name) => ({ name })) } as unknown as Parameters<
  typeof leaderOf
>[0]
const pair = (one: number, other: number, value: number): RatedPair => ({
  one,
  other,
  points: { value, low: value - 300, high: value + 300 },
  isHeldByPrior: false,
  chance: 0.5,
})

describe('the contender to label with next', () => {
  it('is the one that the verdicts put first, and nobody before there are any', () => {
    const pairs = [pair(0, 1, -40), pair(0, 2, 90), pair(1, 2, 130)]
    expect(leaderOf(arena, { ratings: { judged: 9, isHeldByPrior: false, pairs } })).toEqual({
      name: 'dpo',
      index: 1,
    })
    expect(leaderOf(arena, {})).toBeUndefined()
    expect(leaderOf(arena, undefined)).toBeUndefined()
  })
})
