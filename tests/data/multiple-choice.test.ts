/** Questions with answers to choose from, as the field's sets publish them. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const read = (...rows: readonly object[]) => readAll(written('a.jsonl', lines(...rows)))

describe('a question with choices', () => {
  it.each<[what: string, row: object, prompt: string, completion: string]>([
    [
      'MMLU',
      { question: 'Q?', subject: 's', choices: ['w', 'x', 'y'], answer: 1 },
      'Q?\n\nA. w\nB. x\nC. y',
      'B',
    ],
    [
      'ARC, CommonsenseQA',
      { id: '1', question: 'Q?', choices: { text: ['w', 'x'], label: ['A', 'B'] }, answerKey: 'B' },
      'Q?\n\nA. w\nB. x',
      'B',
    ],
    [
      'ARC with numbers as labels',
      { question: 'Q?', choices: { text: ['w', 'x'], label: ['1', '2'] }, answerKey: '2' },
      'Q?\n\n1. w\n2. x',
      '2',
    ],
    [
      'OpenBookQA',
      { question_stem: 'Q?', choices: { text: ['w', 'x'], label: ['A', 'B'] }, answerKey: 'A' },
      'Q?\n\nA. w\nB. x',
      'A',
    ],
    ['HellaSwag', { ctx: 'C', endings: ['w', 'x'], label: '1' }, 'C\n\nA. w\nB. x', 'B'],
    [
      'MMLU-Pro',
      { question: 'Q?', options: ['w', 'x', 'y'], answer: 'C', answer_index: 2, cot_content: '' },
      'Q?\n\nA. w\nB. x\nC. y',
      'C',
    ],
    [
      'AQuA, lettered already',
      { question: 'Q?', options: ['A)1', 'B)2'], correct: 'B' },
      'Q?\n\nA. 1\nB. 2',
      'B',
    ],
    [
      'RACE',
      { article: 'Text.', question: 'Q?', options: ['w', 'x'], answer: 'B' },
      'Q?\n\nText.\n\nA. w\nB. x',
      'B',
    ],
    ['an answer in words', { question: 'Q?', choices: ['4', '6'], answer: '6' }, 'Q?\n\nA. 4\nB. 6', 'B'],
    [
      'MedMCQA',
      { question: 'Q?', opa: 'w', opb: 'x', opc: 'y', opd: 'z', cop: 2 },
      'Q?\n\nA. w\nB. x\nC. y\nD. z',
      'C',
    ],
    ['PIQA', { goal: 'G', sol1: 'w', sol2: 'x', label: 1 }, 'G\n\nA. w\nB. x', 'B'],
    [
      'WinoGrande, counted from 1',
      { sentence: 'S _', option1: 'w', option2: 'x', answer: '2' },
      'S _\n\nA. w\nB. x',
      'B',
    ],
    [
      'Social IQa, counted from 1',
      { context: 'C.', question: 'Q?', answerA: 'w', answerB: 'x', answerC: 'y', label: '3' },
      'Q?\n\nC.\n\nA. w\nB. x\nC. y',
      'C',
    ],
    [
      'columns of a table',
      { question: 'Q?', A: 'w', B: 'x', C: 'y', D: '', answer: 'B' },
      'Q?\n\nA. w\nB. x\nC. y',
      'B',
    ],
  ])('%s', async (_, row, prompt, completion) => {
    const { kind, examples } = await read(row)
    expect(kind).toBe('demonstrations')
    expect(examples).toEqual([{ prompt, completion }])
  })

  it('is a prompt alone when asked', async () => {
    const file = written('b.jsonl', lines({ question: 'Q?', choices: ['w', 'x'], answer: 0 }))
    expect((await readAll(file, 'prompts')).examples).toEqual([{ prompt: 'Q?\n\nA. w\nB. x' }])
  })

  it('whose answer is kept back is left out, and counted', async () => {
    const { examples, notes } = await read(
      { question: 'Q?', choices: ['w', 'x'], answer: 0 },
      { question: 'R?', choices: ['w', 'x'], answer: -1 },
    )
    expect(examples).toHaveLength(1)
    expect(notes).toEqual(['1 row has no answer (first: line 2). Left out.'])
  })

  it('whose answer is none of them is refused with its line', async () => {
    const file = written(
      'c.jsonl',
      lines(
        { question: 'Q?', choices: ['w', 'x'], answer: 0 },
        { question: 'Q?', choices: ['w', 'x'], answer: 2 },
      ),
    )
    expect(await refusal(file)).toMatchObject({
      line: 2,
      problem: '"answer" is 2, which is none of the 2 choices',
    })
  })

  it('of two answers and a winner stays a pair', async () => {
    const { kind } = await read({ prompt: 'P', option_a: 'a', option_b: 'b', winner: 'a' })
    expect(kind).toBe('preferences')
  })
})
