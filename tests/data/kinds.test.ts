/** Rankings and steps, in the formats in which they are published. */
import { describe, expect, it } from 'vitest'
import type { DatasetKind } from '../../src-shared/records/dataset'
import { readAll, refusal, written } from '../helpers/imported-file'

const jsonl = (...rows: readonly object[]): string =>
  written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'))

describe('a ranking', () => {
  it('of Nectar has its places: the lower the better', async () => {
    const answers = [
      { answer: 'second', model: 'x', rank: 2 },
      { answer: 'first', model: 'y', rank: 1 },
      { answer: 'last', model: 'z', rank: 7 },
    ]
    const { kind, examples } = await readAll(jsonl({ prompt: 'Hi', answers, turns: 1, good_natured: true }))
    expect(kind).toBe('rankings')
    expect(examples).toEqual([
      {
        prompt: 'Hi',
        completion: 'first',
        candidates: [
          { completion: 'first', score: -1 },
          { completion: 'second', score: -2 },
          { completion: 'last', score: -7 },
        ],
      },
    ])
  })

  it('of UltraFeedback has the mean of its ratings; what was not rated is no candidate', async () => {
    const rated = (response: string, ...ratings: readonly string[]): object => ({
      response,
      annotations: Object.fromEntries(ratings.map((Rating, index) => [`aspect ${index}`, { Rating }])),
    })
    const completions = [rated('a', '5', 'N/A'), rated('b', '2', '3'), rated('c', 'N/A')]
    const { examples } = await readAll(jsonl({ instruction: 'Do', models: ['x'], completions }))
    expect(examples[0]?.candidates).toEqual([
      { completion: 'a', score: 5 },
      { completion: 'b', score: 2.5 },
    ])
  })

  it('of a list and its scores is read, and asked for as the pair of its best and its worst', async () => {
    const file = jsonl({ prompt: 'P', responses: ['x', 'y', 'z'], scores: [0.1, 0.9, 0.5] })
    expect((await readAll(file)).examples[0]?.candidates?.map(({ completion }) => completion)).toEqual([
      'y',
      'z',
      'x',
    ])
    expect((await readAll(file, 'preferences')).examples).toEqual([
      { prompt: 'P', completion: 'y', rejected: 'x' },
    ])
  })

  it('in which nobody is better is left out', async () => {
    const row = { prompt: 'P', responses: ['x', 'y'], scores: [1, 2] }
    const { examples, notes } = await readAll(jsonl(row, { ...row, scores: [1, 1] }))
    expect(examples).toHaveLength(1)
    expect(notes).toEqual(['1 row has no two answers of which one is better (first: line 2). Left out.'])
  })

  it('that lacks a score refuses the file', async () => {
    const row = { prompt: 'P', responses: ['x', 'y'], scores: [1, 2] }
    expect(await refusal(jsonl(row, { ...row, scores: [1] }))).toMatchObject({
      line: 2,
      problem: '"scores" has 1 values for 2 answers',
    })
  })
})

describe('steps', () => {
  const larger = {
    prompt: 'Which is larger, 9.8 or 9.11?',
    completions: ['The fractional part of 9.8 is 0.8.', '0.11 > 0.8.'],
    labels: [true, false],
  }

  it.each([
    [
      'as TRL lists them',
      larger,
      {
        prompt: larger.prompt,
        completion: larger.completions.join('\n'),
        steps: [
          { text: larger.completions[0], label: 1 },
          { text: larger.completions[1], label: 0 },
        ],
      },
    ],
    [
      'as PRM800K labels them',
      {
        labeler: 'x',
        question: { problem: '1 + 1?' },
        label: {
          steps: [
            {
              completions: [
                { text: 'No.', rating: -1 },
                { text: 'One.', rating: 0 },
              ],
              chosen_completion: 1,
            },
            {
              completions: [{ text: 'No.', rating: -1 }],
              chosen_completion: null,
              human_completion: { text: 'Two.' },
            },
          ],
          finish_reason: 'solution',
        },
      },
      {
        prompt: '1 + 1?',
        completion: 'One.\nTwo.',
        steps: [
          { text: 'One.', label: 0 },
          { text: 'Two.', label: 1 },
        ],
      },
    ],
    [
      'as Math-Shepherd signs them',
      {
        input: 'Janet has 3. Step 1: Add 1. ки\nStep 2: It is 5. ки',
        label: 'Janet has 3. Step 1: Add 1. +\nStep 2: It is 5. -',
      },
      {
        prompt: 'Janet has 3.',
        completion: 'Step 1: Add 1.\nStep 2: It is 5.',
        steps: [
          { text: 'Step 1: Add 1.', label: 1 },
          { text: 'Step 2: It is 5.', label: 0 },
        ],
      },
    ],
  ] as const)('%s are read', async (_, row, example) => {
    const read = await readAll(jsonl(row))
    expect({ kind: read.kind, examples: read.examples }).toEqual({
      kind: 'steps' satisfies DatasetKind,
      examples: [example],
    })
  })

  it.each([
    [{ ...larger, labels: [true] }, '"labels" has 1 values for 2 steps'],
    [{ ...larger, labels: [true, 'maybe'] }, '"completions" 2 is not called right or wrong'],
    [{ ...larger, completions: ['a', ' '] }, '"completions" 2 is empty'],
  ])('like %j are refused', async (row, problem) => {
    expect((await refusal(jsonl(larger, row))).problem).toContain(problem)
  })
})
