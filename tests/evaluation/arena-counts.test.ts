import { describe, expect, it } from 'vitest'
import { contenderCounts, pairCounts, type JudgedMatch } from '../../src-main/evaluation/arena-counts'
import { contenderOf } from '../../src-main/evaluation/contender-of'

const match = (left: number, right: number, verdict: JudgedMatch['verdict']): JudgedMatch => ({
  left,
  right,
  verdict,
})

describe('the counts of an arena', () => {
  const matches = [
    match(0, 1, 'left'),
    match(1, 0, 'left'),
    match(1, 0, 'right'),
    match(0, 2, 'tie'),
    match(2, 1, 'both-bad'),
  ]

  it('are by contender, whichever side it stood on', () => {
    const [first, second, third] = contenderCounts(3, matches)
    expect(first).toMatchObject({ judged: 4, won: 2, tied: 1, lost: 1, bothBad: 0 })
    expect(second).toMatchObject({ judged: 4, won: 1, tied: 0, lost: 2, bothBad: 1 })
    expect(third).toMatchObject({ judged: 2, won: 0, tied: 1, lost: 0, bothBad: 1 })
  })

  it('have a share of wins in which a tie is half and both bad is nothing', () => {
    const [first] = contenderCounts(3, matches)
    // (2 + 1/2) of 4; Wilson's interval holds it
    expect(first!.winShare!.value).toBe(0.625)
    expect(first!.winShare!.low).toBeLessThan(0.3)
    expect(first!.winShare!.high).toBeGreaterThan(0.8)
  })

  it('have no share where nothing was judged', () => {
    expect(contenderCounts(4, matches)[3]).toEqual({ judged: 0, won: 0, tied: 0, lost: 0, bothBad: 0 })
    expect(contenderCounts(3, [match(1, 2, 'both-bad')])[1]).not.toHaveProperty('winShare')
  })

  it('are by pair, the lower index first', () => {
    expect(pairCounts(matches)).toEqual([
      { one: 0, other: 1, oneWon: 2, tied: 0, otherWon: 1, bothBad: 0 },
      { one: 0, other: 2, oneWon: 0, tied: 1, otherWon: 0, bothBad: 0 },
      { one: 1, other: 2, oneWon: 0, tied: 0, otherWon: 0, bothBad: 1 },
    ])
  })
})

describe('who wrote a completion', () => {
  const sampling = { temperature: 1, topK: 0, topP: 1, maxTokens: 12, seed: 7 }
  const contenders = [
    { checkpointId: 'checkpoint-1', sampling },
    { checkpointId: 'checkpoint-1', sampling: { ...sampling, temperature: 0.5 } },
  ]

  it('is the checkpoint with its way of sampling, from whatever seed', () => {
    expect(
      contenderOf(contenders, { checkpointId: 'checkpoint-1', sampling: { ...sampling, seed: 99 } }),
    ).toBe(0)
    const cooler = { ...sampling, temperature: 0.5, seed: 3 }
    expect(contenderOf(contenders, { checkpointId: 'checkpoint-1', sampling: cooler })).toBe(1)
  })

  it('is nobody of the arena for another checkpoint, another sampling, or none that is known', () => {
    expect(contenderOf(contenders, { checkpointId: 'checkpoint-2', sampling })).toBe(-1)
    const longer = { ...sampling, maxTokens: 13 }
    expect(contenderOf(contenders, { checkpointId: 'checkpoint-1', sampling: longer })).toBe(-1)
    expect(contenderOf(contenders, { checkpointId: 'checkpoint-1' })).toBe(-1)
  })
})
