import { describe, expect, it } from 'vitest'
import { lengthEffects, ratingsOf, type RatedMatch } from '../../src-main/evaluation/ratings'
import recorded from '../fixtures/arena/ratings.json'

const verdictOf = (score: number): RatedMatch['verdict'] =>
  score === 1 ? 'left' : score === 0 ? 'right' : 'tie'
const recordedMatches: readonly RatedMatch[] = recorded.outcomes.map(
  ({ left, right, score, prompt, annotator, tokens }): RatedMatch => ({
    ...{ left, right, verdict: verdictOf(score), prompt, annotator },
    ...{ leftTokens: tokens[0]!, rightTokens: tokens[1]! },
  }),
)
const match = (left: number, right: number, verdict: RatedMatch['verdict']): RatedMatch => ({
  ...{ left, right, verdict, prompt: 'p', annotator: 'Ada', leftTokens: 10, rightTokens: 8 },
})
const times = (count: number, one: RatedMatch): readonly RatedMatch[] =>
  Array.from({ length: count }, () => one)
/** 400 / ln 10 */
const points = 173.7177928

describe('the ratings of an arena', () => {
  it('are points apart, with the widest of their intervals', () => {
    const ratings = ratingsOf(recordedMatches)!
    const pair = ratings.pairs.find(({ one, other }) => one === 0 && other === 3)!
    // statsmodels has 3 above 0 by so many logits, so `one` is that much below
    expect(pair.points.value).toBeCloseTo(-points * recorded.statsmodels.params[2]!, 4)
    const half = (pair.points.high - pair.points.low) / 2
    // 40 prompts are enough to cluster by, 6 people are not
    const widest = Math.max(
      recorded.statsmodels.covariance[2]![2]!,
      (40 / 39) * recorded.statsmodels.byPrompt[2]![2]!,
    )
    expect(half).toBeCloseTo(1.959964 * points * Math.sqrt(widest), 2)
    expect(ratings).toMatchObject({ judged: 160, isHeldByPrior: false })
    expect(ratings.pairs).toHaveLength(10)
  })

  it('have wins at equal length by the same model with length beside it', () => {
    const pair = ratingsOf(recordedMatches)!.pairs.find(({ one, other }) => one === 0 && other === 1)!
    expect(pair.atEqualLength!.value).toBeCloseTo(1 / (1 + Math.exp(recorded.atEqualLength.params[0]!)), 6)
    expect(pair.atEqualLength!.low).toBeLessThan(pair.atEqualLength!.value)
    expect(pair.atEqualLength!.high).toBeGreaterThan(pair.atEqualLength!.value)
  })

  it('leave both bad out, and are not there while nothing else was said', () => {
    expect(ratingsOf([])).toBeUndefined()
    expect(ratingsOf([match(0, 1, 'both-bad')])).toBeUndefined()
    const some = [match(0, 1, 'left'), match(0, 1, 'right'), match(0, 1, 'left')]
    expect(ratingsOf([...some, match(0, 1, 'both-bad')])).toEqual(ratingsOf(some))
  })

  it('say how many judgments more would tell, and stop saying so once the interval leaves 0', () => {
    // 3 of 4 won: ln 3 ± 1.96·√(4/3) holds 0. Needed: ((1.96/ln 3)² − 3/4) / (3/16) = 12.98, so 13
    const undecided = ratingsOf([...times(3, match(0, 1, 'left')), match(0, 1, 'right')])!.pairs[0]!
    expect(undecided.points.low).toBeLessThan(0)
    expect(undecided.moreNeeded).toBe(13)
    // with 4 + 13 of the same kind it is decided, with one judgment fewer it is not
    const at = (n: number) => (1.959963984540054 / Math.log(3)) ** 2 - n * (3 / 16) > 0
    expect([at(16), at(17)]).toEqual([true, false])
    const decided = ratingsOf([...times(15, match(0, 1, 'left')), ...times(5, match(0, 1, 'right'))])!
      .pairs[0]!
    expect(decided.points.low).toBeGreaterThan(0)
    expect(decided).not.toHaveProperty('moreNeeded')
  })

  it('are held by a weak prior where one has won everything: four of four decide nothing, seven do', () => {
    const four = ratingsOf(times(4, match(0, 1, 'left')))!
    expect(four.isHeldByPrior).toBe(true)
    expect(four.pairs[0]!.points.low).toBeLessThan(0)
    const seven = ratingsOf(times(7, match(0, 1, 'left')))!
    expect(seven.pairs[0]!.points.low).toBeGreaterThan(0)
  })

  it('rate those that were judged, whatever others the arena has', () => {
    const ratings = ratingsOf([match(1, 4, 'left'), match(4, 1, 'left')])!
    expect(ratings).toMatchObject({ isHeldByPrior: false, pairs: [{ one: 1, other: 4 }] })
    expect(ratings.pairs[0]!.points.value).toBeCloseTo(0, 9)
    expect(ratings.pairs[0]!.moreNeeded).toBe(10_000)
  })

  it('of two that are comparable stay what they are when somebody comes who loses everything', () => {
    const known = recordedMatches.filter(({ left, right }) => left !== 2 && right !== 2)
    const before = ratingsOf(known)!
    const after = ratingsOf([...known, ...times(3, match(2, 0, 'right'))])!
    const pairIn = ({ pairs }: typeof before) => pairs.find(({ one, other }) => one === 0 && other === 3)!
    expect(pairIn(after)).toEqual(pairIn(before))
    expect(pairIn(after).isHeldByPrior).toBe(false)
    expect(
      after.pairs.filter(({ isHeldByPrior }) => isHeldByPrior).map(({ one, other }) => [one, other]),
    ).toEqual([
      [0, 2],
      [1, 2],
      [2, 3],
      [2, 4],
    ])
  })

  it('do not depend on who is named first, nor on which side it stood', () => {
    const opposite = { left: 'right', right: 'left', tie: 'tie', 'both-bad': 'both-bad' } as const
    const turned = recordedMatches.map((each): RatedMatch => ({
      ...each,
      ...{ left: 4 - each.right, right: 4 - each.left, verdict: opposite[each.verdict] },
      ...{ leftTokens: each.rightTokens, rightTokens: each.leftTokens },
    }))
    const [straight, other] = [ratingsOf(recordedMatches)!, ratingsOf(turned)!]
    const of = ({ pairs }: typeof straight, one: number, two: number) =>
      pairs.find((pair) => pair.one === one && pair.other === two)!
    // 0 and 1 are called 4 and 3 now
    expect(of(other, 3, 4).points.value).toBeCloseTo(-of(straight, 0, 1).points.value, 6)
    expect(of(other, 3, 4).points.low).toBeCloseTo(-of(straight, 0, 1).points.high, 6)
    expect(of(other, 3, 4).atEqualLength!.value).toBeCloseTo(1 - of(straight, 0, 1).atEqualLength!.value, 8)
  })

  it('say what two said of each other, whichever side they stood on', () => {
    const [pair] = ratingsOf([
      match(0, 1, 'left'),
      match(1, 0, 'right'),
      match(1, 0, 'tie'),
      match(0, 1, 'right'),
    ])!.pairs
    // (1 + 1 + ½) of 4; 0 is longer by 2, shorter by 2, shorter by 2, longer by 2
    expect(pair!.direct).toMatchObject({ judged: 4, winShare: { value: 0.625 }, moreTokens: 0 })
  })
})

describe('the effect of length', () => {
  it('is tanh of the difference in its deviations, as alpaca_eval takes it', () => {
    const moreTokens = recorded.outcomes.map(({ tokens }) => tokens[0]! - tokens[1]!)
    for (const [index, value] of lengthEffects(moreTokens)!.entries())
      expect(value).toBeCloseTo(recorded.covariate[index]!, 12)
  })

  it('is nothing where all are equally long', () => {
    expect(lengthEffects([0, 0, 0])).toBeUndefined()
  })
})
