import { describe, expect, it } from 'vitest'
import { nextMatches, pairsOf, type Match } from '../../src-main/labels/match-drawing'

const drawn = (
  prompts: number,
  contenders: readonly number[],
  met: readonly Match[],
  count: number,
  seed = 7,
) => nextMatches({ prompts, contenders, met, seed }, count)
const nameOf = ({ prompt, pair: [one, other] }: Match): string =>
  `${prompt} ${Math.min(one, other)} ${Math.max(one, other)}`

describe('the draw of who meets on which prompt', () => {
  it('shows every two of them once on every prompt, and then ends', () => {
    // 5 prompts, 4 contenders: 5 · 6 = 30 meetings
    const all = drawn(5, [0, 1, 2, 3], [], 100)
    expect(all).toHaveLength(30)
    expect(new Set(all.map(nameOf)).size).toBe(30)
    expect(drawn(5, [0, 1, 2, 3], all, 1)).toEqual([])
  })

  it('takes the prompt that was shown least, and of its pairs the one that has met least', () => {
    const first = drawn(6, [0, 1, 2], [], 6)
    expect(first.map(({ prompt }) => prompt).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
    // 3 pairs over 6 meetings: each twice
    for (const [one, other] of pairsOf([0, 1, 2]))
      expect(first.filter(({ pair }) => pair.includes(one) && pair.includes(other))).toHaveLength(2)
  })

  it('goes on in parts as it would have gone at once', () => {
    const once = drawn(4, [0, 1, 2], [], 9)
    const parts: Match[] = []
    for (let i = 0; i < 3; i++) parts.push(...drawn(4, [0, 1, 2], parts, 3))
    expect(parts).toEqual(once)
  })

  it('is another with another seed', () => {
    expect(drawn(9, [0, 1, 2], [], 9, 8)).not.toEqual(drawn(9, [0, 1, 2], [], 9))
  })

  it('leaves out who rests, though they have met before', () => {
    const before = drawn(3, [0, 1, 2], [], 3)
    const after = drawn(3, [0, 2], before, 9)
    expect(after.every(({ pair }) => !pair.includes(1))).toBe(true)
    expect([...before, ...after].filter(({ pair }) => !pair.includes(1))).toHaveLength(3)
  })

  it('counts a meeting whose sides were named the other way round', () => {
    const [first] = drawn(1, [0, 1], [], 1)
    const turned = { prompt: first!.prompt, pair: [first!.pair[1], first!.pair[0]] as const }
    expect(drawn(1, [0, 1], [turned], 1)).toEqual([])
  })
})
