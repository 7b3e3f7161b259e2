import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankings } from '../../src-main/data/rankings'

const pair = (chosen: string, rejected: string, prompt = 'p') => ({ prompt, chosen, rejected, margin: 1 })
const rated = (completion: string, rating: number, prompt = 'p') => ({ prompt, completion, rating })

describe('rankings', () => {
  it('put the pairs of a prompt together, each completion once', () => {
    const made = rankings([pair('a', 'b'), pair('c', 'd', 'q'), pair('a', 'c'), pair('b', 'c')], [], 9)
    expect(made.rankings).toEqual([
      {
        prompt: 'p',
        completions: ['a', 'b', 'c'],
        pairs: [
          { better: 0, worse: 1, margin: 1 },
          { better: 0, worse: 2, margin: 1 },
          { better: 1, worse: 2, margin: 1 },
        ],
      },
      { prompt: 'q', completions: ['c', 'd'], pairs: [{ better: 0, worse: 1, margin: 1 }] },
    ])
  })

  it('compare what is rated differently, and tie what is rated alike', () => {
    const made = rankings([], [rated('a', 3), rated('b', 1), rated('c', 3)], 9)
    expect(made.rankings).toEqual([
      {
        prompt: 'p',
        completions: ['a', 'b', 'c'],
        worths: [3, 1, 3],
        pairs: [
          { better: 0, worse: 1, margin: 1 },
          { better: 2, worse: 1, margin: 1 },
        ],
      },
    ])
  })

  it('take the mean of what several people said of the same completion', () => {
    const [ranking] = rankings([], [rated('a', 1), rated('b', 3), rated('a', 4)], 9).rankings
    expect(ranking?.worths).toEqual([2.5, 3])
  })

  it('count prompts whose completions are all alike, and those with one', () => {
    const made = rankings([], [rated('a', 1), rated('b', 1), rated('c', 2, 'q')], 9)
    expect(made).toEqual({ rankings: [], tied: 1, alone: 1 })
  })

  it('lose no pair and have at most so many completions, however many a prompt has', () => {
    const letter = fc.constantFrom(...'abcdefgh')
    fc.assert(
      fc.property(fc.array(fc.tuple(letter, letter)), fc.integer({ min: 2, max: 5 }), (all, most) => {
        const pairs = all.filter(([a, b]) => a !== b).map(([a, b]) => pair(a, b))
        const made = rankings(pairs, [], most).rankings
        for (const { completions } of made) expect(completions.length).toBeLessThanOrEqual(most)
        const said = made.flatMap((ranking) =>
          ranking.pairs.map(({ better, worse }) => [ranking.completions[better], ranking.completions[worse]]),
        )
        expect(said).toEqual(pairs.map(({ chosen, rejected }) => [chosen, rejected]))
      }),
    )
  })

  it('deal rated completions in turn, so that ratings that stand in order meet others', () => {
    const all = Array.from({ length: 8 }, (_, index) => rated(String(index), Math.floor(index / 4)))
    const made = rankings([], all, 4).rankings
    expect(made.map(({ worths }) => worths)).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ])
  })
})
