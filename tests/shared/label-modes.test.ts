import { describe, expect, it } from 'vitest'
import { labelModes } from '../../src-shared/label-modes/modes'
import { openAssistantLabels } from '../../src-shared/label-modes/open-assistant'
import { rankedPairs } from '../../src-shared/label-modes/ranked-pairs'
import { pairsIn } from '../../src-shared/label-modes/ranking'
import { labelModeNames } from '../../src-shared/records/labelling'
import { recipeOf } from '../../src-shared/recipes/recipes'
import drawn from '../fixtures/agreement/agreement.json'

const judged = { prompt: 'Say:', candidates: ['one', 'two', 'three'] }

describe('the ways to judge', () => {
  it.each(labelModeNames)('%s makes a dataset that its recipe takes', (name) => {
    const { kind, trains } = labelModes[name]
    const input = recipeOf(trains.recipe).inputs[trains.input]
    expect(input?.type === 'dataset' && input.kinds).toContain(kind)
  })

  it('a ranking becomes candidates with scores, the best first; ties are equal, the rest is left out', () => {
    const said = labelModes.ranking.read(judged, { groups: [[2], [0, 1]] })
    expect(said).toMatchObject({
      examples: [
        {
          prompt: 'Say:',
          completion: 'three',
          candidates: [
            { completion: 'three', score: 2 },
            { completion: 'one', score: 1 },
            { completion: 'two', score: 1 },
          ],
        },
      ],
    })
    expect(labelModes.ranking.said({ groups: [[2], [0, 1]] })).toBe('C A = B')
    expect(labelModes.ranking.read(judged, { groups: [[1], [0]] })).toMatchObject({
      examples: [{ candidates: [{ completion: 'two' }, { completion: 'one' }] }],
      opinions: [{ about: 'AB', value: -1 }],
    })
    expect(labelModes.ranking.read(judged, { groups: [[0, 1, 2]] })).toMatchObject({ examples: [] })
  })

  it('counts the pairs of an order', () => {
    expect(pairsIn([[0], [1], [2]])).toBe(3)
    expect(pairsIn([[0, 1], [2, 3], [4]])).toBe(4 + 4)
    expect(pairsIn([[0, 1]])).toBe(0)
  })

  it.each([
    ['ranking', { groups: [[0], [0]] }, 'ranks a completion twice'],
    ['ranking', { groups: [[0], [7]] }, 'ranks a completion that is not there'],
    ['ranking', { groups: [[12]] }, 'groups.0.0'],
    ['rating', { rating: 6 }, 'rating'],
    ['rating', { rating: 2, labels: { quality: 3 } }, 'labels.quality'],
    ['yes-no', { isGood: 'yes' }, 'isGood'],
    ['edit', { text: '' }, 'text must not be empty'],
    ['turns', { good: { 7: true } }, 'judges a turn that is not there'],
    ['turns', { good: {} }, 'judges no turn'],
    ['pair', { verdict: 'tie', margin: 'better' }, 'margin has no meaning'],
    ['edit', undefined, ''],
  ] as const)('%s refuses %j', (mode, answer, problem) => {
    const said = labelModes[mode].read(judged, answer)
    expect(typeof said).toBe('string')
    expect(said).toContain(problem)
  })

  it('a rating is the label of a completion; a yes is 1, a no 0', () => {
    const one = { prompt: 'Say:', candidates: ['one'] }
    expect(labelModes.rating.read(one, { rating: 4, labels: { pii: 1 } })).toMatchObject({
      examples: [{ prompt: 'Say:', completion: 'one', label: 4 }],
    })
    expect(labelModes['yes-no'].read(one, { isGood: false })).toMatchObject({ examples: [{ label: 0 }] })
  })

  it('an edit is a demonstration beside what was written, and stands alone where nothing was changed', () => {
    const one = { prompt: 'Say:', candidates: ['one'] }
    expect(labelModes.edit.read(one, { text: 'won' })).toMatchObject({
      examples: [{ completion: 'won', rejected: 'one' }],
    })
    const said = labelModes.edit.read(one, { text: 'one' })
    expect(typeof said === 'string' ? said : said.examples).toEqual([{ prompt: 'Say:', completion: 'one' }])
  })

  it('turns are judged each after what stood before it', () => {
    const user = (content: string) => ({ role: 'user', content })
    const assistant = (content: string) => ({ role: 'assistant', content })
    const turns = [user('Hi'), assistant('Hello'), user('More')]
    const said = labelModes.turns.read(
      { prompt: { turns }, candidates: ['Much more'] },
      { good: { 1: false, 3: true } },
    )
    expect(said).toMatchObject({
      examples: [
        { prompt: { turns: [user('Hi')] }, completion: 'Hello', label: 0 },
        { prompt: { turns }, completion: 'Much more', label: 1 },
      ],
    })
  })

  it('has the thirteen labels of Open Assistant', () => expect(openAssistantLabels.length).toBe(13))
})

describe('ranked pairs', () => {
  it('are those of the library where no two margins are alike', () => {
    for (const { candidates, orders, order } of drawn.profiles)
      expect(rankedPairs(candidates, orders).flat()).toEqual(order)
  })

  it('leave tied what nothing tells apart, and take who was placed by somebody', () => {
    expect(rankedPairs(3, [[[0], [1]]])).toEqual([[0], [1]])
    expect(
      rankedPairs(3, [
        [[0], [1]],
        [[1], [0]],
      ]),
    ).toEqual([[0, 1]])
  })

  it('lock a circle by its larger margins', () => {
    const votes = [
      ...Array.from({ length: 5 }, () => [[0], [1], [2]]),
      ...Array.from({ length: 4 }, () => [[1], [2], [0]]),
      ...Array.from({ length: 3 }, () => [[2], [0], [1]]),
    ]
    // 0 over 1: 8 − 4, 1 over 2: 9 − 3, 2 over 0: 7 − 5
    expect(rankedPairs(3, votes)).toEqual([[0], [1], [2]])
  })

  it('answer for several people as one example', () => {
    const answers = [{ groups: [[0], [1], [2]] }, { groups: [[0], [2], [1]] }, { groups: [[1], [0], [2]] }]
    expect(labelModes.ranking.together(judged, answers)).toMatchObject([
      { candidates: [{ completion: 'one' }, { completion: 'two' }, { completion: 'three' }] },
    ])
  })
})
