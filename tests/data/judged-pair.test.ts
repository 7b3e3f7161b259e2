/** Two answers and a column that says who is better. */
import { describe, expect, it } from 'vitest'
import { winnerOf } from '../../src-main/data/shapes/winner'
import { readAll, refusal, written } from '../helpers/imported-file'

const file = (name: string): string => `tests/fixtures/field-cases/${name}`
const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

describe('a winner', () => {
  const letters = { first: 'answer_a', second: 'answer_b' }
  it.each([
    ['model_a', letters, 'first'],
    ['Model_B', letters, 'second'],
    ['a', letters, 'first'],
    ['right', letters, 'second'],
    ['a>>b', letters, 'first'],
    ['a > b', letters, 'first'],
    ['a<b', letters, 'second'],
    ['b>>a', letters, 'second'],
    ['a=b', letters, 'neither'],
    ['tie (bothbad)', letters, 'neither'],
    ['both_bad', letters, 'neither'],
    [0, letters, 'first'],
    ['1', letters, 'second'],
    [1, { first: 'response_1', second: 'response_2' }, 'first'],
    ['response_2', { first: 'response_1', second: 'response_2' }, 'second'],
    [0, { first: 'response_1', second: 'response_2' }, undefined],
    [1, { first: 'response_0', second: 'response_1' }, 'second'],
    ['summaries.1.text', { first: 'summaries.0.text', second: 'summaries.1.text' }, 'second'],
    ['gpt-4', letters, undefined],
    ['', letters, undefined],
    [null, letters, undefined],
  ] as const)('%j beside %j is %s', (value, columns, side) => {
    expect(winnerOf(value, columns)).toBe(side)
  })
})

describe('04e: a pair and its judgment', () => {
  it('of two conversations is a pair after what they share', async () => {
    const { kind, examples } = await readAll(file('04e-pair-conversation-a-b.jsonl'))
    expect(kind).toBe('preferences')
    expect(JSON.stringify(examples)).toMatch(/Egg\?.*Eight\..*No\./)
  })

  it('by SHP’s labels: 1 says that A is better', async () => {
    const row = { history: 'q', human_ref_A: 'a', human_ref_B: 'b' }
    expect((await readAll(file('04e-pair-human-ref-a-b.jsonl'))).examples).toEqual([
      { prompt: 'How do I boil an egg?', completion: 'Eight.', rejected: 'No.' },
    ])
    expect((await readAll(jsonl({ ...row, labels: 0 }))).examples[0]).toMatchObject({ completion: 'b' })
  })

  it('by a mapping of columns: a number is a place from 0', async () => {
    const columns = {
      prompt: 'info.post',
      first: 'summaries.0.text',
      second: 'summaries.1.text',
      winner: 'choice',
    }
    expect((await readAll(file('04e-pair-summaries-choice.jsonl'), { columns })).examples).toEqual([
      { prompt: 'I boiled an egg.', completion: 'boiled', rejected: 'egg' },
    ])
  })

  it('of which neither is better is left out and counted', async () => {
    const pair = { prompt: 'q', response_1: 'a', response_2: 'b' }
    const { examples, notes } = await readAll(
      jsonl(
        { ...pair, preference_strength: 0 },
        { ...pair, preference_strength: 2 },
        { ...pair, preference_strength: 0 },
      ),
    )
    expect(examples).toEqual([{ prompt: 'q', completion: 'b', rejected: 'a', margin: 2 / 3 }])
    expect(notes).toEqual(['2 rows have two answers of which neither is better (first: line 1). Left out.'])
  })

  it('that names neither side refuses the file with its line', async () => {
    const pair = { prompt: 'q', answer_a: 'x', answer_b: 'y' }
    expect(await refusal(jsonl({ ...pair, winner: 'a' }, { ...pair, winner: 'gpt-4' }))).toMatchObject({
      line: 2,
      problem: '"winner" is "gpt-4", which says of neither answer that it is better',
    })
  })

  it('of columns that are no partners is none', async () => {
    const refused = await refusal(jsonl({ prompt: 'q', response_1: 'a', answer_2: 'b', winner: 1 }))
    expect(refused.problem).toMatch(/"response_1" and "answer_2" are not known/)
  })
})
