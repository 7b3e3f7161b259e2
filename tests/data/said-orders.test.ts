/** Orders of answers, as annotation programs export them. */
import { describe, expect, it } from 'vitest'
import { readAll, written } from '../helpers/imported-file'

const json = (content: object) => readAll(written('a.json', JSON.stringify(content)))
const ranked = { prompt: 'P', completion: 'b' }
const candidates = [
  { completion: 'b', score: -1 },
  { completion: 'a', score: -2 },
]
const fields = { prompt: 'P', 'response-1': 'a', 'response-2': 'b' }
const byPlace = [
  { value: 'response-2', rank: 1 },
  { value: 'response-1', rank: 2 },
]

describe('a ranking', () => {
  it.each<[what: string, rows: object]>([
    [
      'Argilla’s, with ranks',
      [
        {
          fields,
          responses: { preference: [{ value: byPlace, status: 'submitted', user_id: 'u' }] },
          suggestions: {},
        },
      ],
    ],
    [
      'Argilla’s, in order',
      [
        {
          fields,
          responses: { order: [{ value: ['response-2', 'response-1'], user_id: 'u' }] },
          suggestions: {},
        },
      ],
    ],
    [
      'Argilla’s of version 1, in a table',
      [
        {
          ...fields,
          order: [{ user_id: 'u', value: byPlace, status: 'submitted' }],
          'order-suggestion': null,
        },
      ],
    ],
    [
      'Argilla’s of version 2, in a table',
      [
        {
          ...fields,
          'order.responses': [['response-2', 'response-1']],
          'order.responses.status': ['submitted'],
        },
      ],
    ],
    [
      'Label Studio’s',
      [
        {
          id: 1,
          data: {
            prompt: 'P',
            items: [
              { id: 'i1', body: 'a' },
              { id: 'i2', body: 'b' },
            ],
          },
          annotations: [
            { result: [{ from_name: 'rank', type: 'ranker', value: { ranker: { rank: ['i2', 'i1'] } } }] },
          ],
        },
      ],
    ],
  ])('%s, is read with its answers', async (_, rows) => {
    const { kind, examples } = await json(rows)
    expect(kind).toBe('rankings')
    expect(examples).toMatchObject([{ ...ranked, candidates }])
  })

  it('with a tie keeps it', async () => {
    const value = [...byPlace, { value: 'response-3', rank: 2 }]
    const { examples } = await json([
      { fields: { ...fields, 'response-3': 'c' }, responses: { order: [{ value, user_id: 'u' }] } },
    ])
    expect(examples[0]?.candidates?.map(({ score }) => score)).toEqual([-1, -2, -2])
  })
})

describe('a click on one of two', () => {
  const task = { prompt: 'P', answer1: 'a', answer2: 'b' }
  const pair = [{ prompt: 'P', completion: 'b', rejected: 'a' }]

  it('in Label Studio’s JSON is a pair, whatever the question is called', async () => {
    const result = [{ from_name: 'which', type: 'pairwise', value: { selected: 'right' } }]
    expect((await json([{ id: 1, data: task, annotations: [{ result }] }])).examples).toEqual(pair)
  })

  it('in its shorter JSON, too', async () => {
    const rows = [{ id: 1, ...task, comparison: { selected: 'right' }, annotator: 1 }]
    expect((await json(rows)).examples).toEqual(pair)
  })
})
