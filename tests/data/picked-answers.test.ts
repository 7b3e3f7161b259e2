/** Rows that name the better of several answers by its place, and sides of several answers: pairs, one a row. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const read = (row: object, name = 'a.jsonl') => readAll(written(name, JSON.stringify(row)))
const pair = (completion: string, rejected: string) => ({ prompt: 'P', completion, rejected })

describe('an index into a list of answers', () => {
  it.each<[what: string, row: object, pairs: readonly object[]]>([
    [
      'chosen among three',
      { prompt: 'P', responses: ['a', 'b', 'c'], chosen: 1 },
      [pair('b', 'a'), pair('b', 'c')],
    ],
    [
      'with that of the worse one',
      { prompt: 'P', responses: ['a', 'b', 'c'], chosen: 0, rejected: 2 },
      [pair('a', 'c')],
    ],
    [
      'as a text, in objects',
      { prompt: 'P', completions: [{ text: 'a' }, { text: 'b' }], best: '0' },
      [pair('a', 'b')],
    ],
    [
      'of summaries (summarize-from-feedback)',
      { info: { id: 'x', post: 'P' }, summaries: [{ text: 'a' }, { text: 'b' }], choice: 1, worker: 'w' },
      [pair('b', 'a')],
    ],
    [
      'of columns (lm-human-preferences)',
      { query: 'P', sample0: 'a', sample1: 'b', sample2: 'c', best: 2 },
      [pair('c', 'a'), pair('c', 'b')],
    ],
  ])('%s', async (_, row, pairs) => {
    const { kind, examples } = await read(row)
    expect(kind).toBe('preferences')
    expect(examples).toEqual(pairs)
  })

  it('in a table leaves no column of the list unread', async () => {
    const file = written('a.csv', 'prompt,responses,chosen\nP,"[""a"", ""b""]",1\n')
    const { examples, columns } = await readAll(file)
    expect(examples).toEqual([pair('b', 'a')])
    expect(columns.unread).toEqual([])
  })

  it('beyond the list refuses the file', async () => {
    const file = written('b.jsonl', JSON.stringify({ prompt: 'P', responses: ['a', 'b'], chosen: 2 }))
    expect((await refusal(file)).problem).toContain('"rejected" is missing')
  })

  it('is none where it is an answer itself', async () => {
    const { examples } = await read({ prompt: '17+25?', chosen: 42, rejected: 41 })
    expect(examples).toEqual([{ prompt: '17+25?', completion: '42', rejected: '41' }])
  })
})

describe('several answers on a side', () => {
  it('are a pair each', async () => {
    const { examples } = await read({ prompt: 'P', chosen: ['a'], rejected: ['b', 'c'] })
    expect(examples).toEqual([pair('a', 'b'), pair('a', 'c')])
  })

  it('are left as they are where they are messages', async () => {
    const turn = (content: string) => ({ role: 'assistant', content })
    const { examples } = await read({
      prompt: [{ role: 'user', content: 'P' }],
      chosen: [turn('a')],
      rejected: [turn('b')],
    })
    expect(examples).toHaveLength(1)
    expect(examples[0]).toMatchObject({ completion: [turn('a')], rejected: [turn('b')] })
  })
})

describe('a reference answer', () => {
  it('in an object of its own (verl) is what answers the prompt', async () => {
    const { kind, examples, columns } = await read({
      data_source: 'gsm8k',
      prompt: [{ role: 'user', content: 'P' }],
      reward_model: { style: 'rule', ground_truth: '42' },
    })
    expect(kind).toBe('demonstrations')
    expect(examples[0]?.completion).toEqual([{ role: 'assistant', content: '42' }])
    expect(columns.read).toContainEqual({ column: 'ground_truth', as: 'completion' })
  })
})
