/** Neighbours of what people bring: other names, other containers, other ways of saying what a row is. */
import { describe, expect, it } from 'vitest'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { readAll, refusal, written } from '../helpers/imported-file'

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const pair = { prompt: 'p', completion: 'c', rejected: 'r' }
const asked: ExampleParts = { prompt: { turns: [user('q')] }, completion: [assistant('a')] }

describe('a row', () => {
  it.each<[what: string, kind: DatasetKind, row: object, example: ExampleParts]>([
    [
      'with its context in parts',
      'demonstrations',
      { question: 'Who?', context: ['One.', '', 'Two.'], answer: 'I.' },
      { prompt: 'Who?\n\nOne.\n\nTwo.', completion: 'I.' },
    ],
    [
      'with a passage (BoolQ)',
      'demonstrations',
      { question: 'Is it?', passage: 'It is.', answer: true },
      { prompt: 'Is it?\n\nIt is.', completion: 'true' },
    ],
    [
      'of a problem and its solution (MATH)',
      'demonstrations',
      { problem: 'p', level: 'Level 5', solution: 's' },
      { prompt: 'p', completion: 's' },
    ],
    [
      'of a text and its summary',
      'demonstrations',
      { article: 'Long.', highlights: 'Short.' },
      { prompt: 'Long.', completion: 'Short.' },
    ],
    [
      'of a dialogue in a text and its summary',
      'demonstrations',
      { dialogue: 'A: Hi', summary: 'Greeting.' },
      { prompt: 'A: Hi', completion: 'Greeting.' },
    ],
    [
      'with a mark of KTO beside a prompt',
      'demonstrations',
      { prompt: 'p', completion: 'c', kto_tag: false },
      { prompt: 'p', completion: 'c', label: 0 },
    ],
    [
      'with a rating',
      'demonstrations',
      { prompt: 'p', response: 'c', rating: 4 },
      { prompt: 'p', completion: 'c', label: 4 },
    ],
    ['with marks of a paper', 'preferences', { prompt: 'p', y_w: 'c', y_l: 'r' }, pair],
    ['with texts to choose from', 'preferences', { prompt: 'p', chosen_text: 'c', rejected_text: 'r' }, pair],
    [
      'with the word behind the answer',
      'preferences',
      { prompt: 'p', output_chosen: 'c', output_rejected: 'r' },
      pair,
    ],
    ['with best and worst', 'preferences', { prompt: 'p', best_answer: 'c', worst_answer: 'r' }, pair],
    [
      'with a score each (WebGPT)',
      'preferences',
      { question: { full_text: 'p', id: 'x' }, answer_0: 'r', score_0: -0.5, answer_1: 'c', score_1: 0.5 },
      pair,
    ],
    [
      'beside a system prompt, with a winner',
      'preferences',
      { systemPrompt: 'S', prompt: 'q', response_a: 'a', response_b: 'b', winner: 'b' },
      {
        prompt: { turns: [{ role: 'system', content: 'S' }, user('q')] },
        completion: [assistant('b')],
        rejected: [assistant('a')],
      },
    ],
    [
      'of what it is about in sentences (HotpotQA)',
      'demonstrations',
      {
        question: 'Who?',
        context: { title: ['t', 'u'], sentences: [['One. ', 'Two.'], ['Three.']] },
        answer: 'I.',
      },
      { prompt: 'Who?\n\nOne. Two.\n\nThree.', completion: 'I.' },
    ],
    [
      'of what it is about in objects',
      'demonstrations',
      { question: 'Who?', passages: [{ title: 't', text: 'One.' }], answer: 'I.' },
      { prompt: 'Who?\n\nOne.', completion: 'I.' },
    ],
    [
      'of numbers as what is said',
      'demonstrations',
      {
        conversations: [
          { from: 'human', value: 17 },
          { from: 'gpt', value: true },
        ],
      },
      { prompt: { turns: [user('17')] }, completion: [assistant('true')] },
    ],
    [
      'of messages whose content is one part',
      'demonstrations',
      { messages: [{ role: 'user', content: { type: 'text', text: 'q' } }, assistant('a')] },
      asked,
    ],
    [
      'of answers of tools among the user’s parts (Anthropic)',
      'demonstrations',
      {
        messages: [
          user('q'),
          { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { x: 1 } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: '21' }] },
          assistant('a'),
        ],
      },
      {
        prompt: { turns: [user('q')] },
        completion: [
          { role: 'assistant', content: '', toolCalls: [{ id: 't1', name: 'f', arguments: { x: 1 } }] },
          { role: 'tool', content: '21', toolCallId: 't1' },
          assistant('a'),
        ],
      },
    ],
    [
      'of steps that are all called the same',
      'steps',
      { prompt: 'p', steps: ['a', 'b'], label: false },
      {
        prompt: 'p',
        completion: 'a\nb',
        steps: [
          { text: 'a', label: 0 },
          { text: 'b', label: 0 },
        ],
      },
    ],
    [
      'of a conversation in a text, with calls (glaive)',
      'demonstrations',
      {
        system: 'SYSTEM: Help.',
        chat:
          'USER: q\n\n\nASSISTANT: <functioncall> {"name": "f", "arguments": \'{"x": 1}\'} <|endoftext|>\n\n\n' +
          'FUNCTION RESPONSE: 21\n\n\nASSISTANT: a <|endoftext|>\n\n\n',
      },
      {
        prompt: { turns: [{ role: 'system', content: 'Help.' }, user('q')] },
        completion: [
          { role: 'assistant', content: '', toolCalls: [{ name: 'f', arguments: '{"x": 1}' }] },
          { role: 'tool', content: '21' },
          assistant('a'),
        ],
      },
    ],
    [
      'with a word each for won and lost',
      'preferences',
      { prompt: 'p', response_w: 'c', response_l: 'r' },
      pair,
    ],
    [
      'with functions of OpenAI’s older form',
      'demonstrations',
      { messages: [user('q'), assistant('a')], functions: [{ name: 'f' }] },
      { ...asked, prompt: { turns: [user('q')], tools: [{ name: 'f' }] } },
    ],
    [
      'of lists beside one another',
      'demonstrations',
      { messages: { role: ['user', 'assistant'], content: ['q', 'a'] } },
      asked,
    ],
    [
      'of contents in parts (Gemini)',
      'demonstrations',
      {
        contents: [
          { role: 'user', parts: [{ text: 'q' }] },
          { role: 'model', parts: [{ text: 'a' }] },
        ],
        systemInstruction: { role: 'system', parts: [{ text: 's' }] },
      },
      { ...asked, prompt: { turns: [{ role: 'system', content: 's' }, user('q')] } },
    ],
    [
      'with a system prompt in parts (Bedrock)',
      'demonstrations',
      { system: [{ text: 's' }], messages: [user('q'), assistant('a')] },
      { ...asked, prompt: { turns: [{ role: 'system', content: 's' }, user('q')] } },
    ],
    [
      'of answers that are turns',
      'rankings',
      { prompt: [user('q')], responses: [[assistant('b')], [assistant('a')]], scores: [1, 2] },
      {
        ...asked,
        candidates: [
          { completion: [assistant('a')], score: 2 },
          { completion: [assistant('b')], score: 1 },
        ],
      },
    ],
    [
      'as the Hub’s viewer sends it',
      'demonstrations',
      { row_idx: 0, row: { prompt: 'p', completion: 'c' }, truncated_cells: [] },
      { prompt: 'p', completion: 'c' },
    ],
  ])('%s is read (%s)', async (_, kind, row, example) => {
    const read = await readAll(written('a.jsonl', lines(row, row)))
    expect([read.kind, read.examples[0]]).toEqual([kind, example])
  })

  it('of questions and answers by twos is a conversation', async () => {
    const row = {
      conversation: [
        ['q', 'a'],
        ['r', 'b'],
      ],
    }
    expect((await readAll(written('a.jsonl', lines(row, row)))).examples[0]).toEqual({
      prompt: { turns: [user('q')] },
      completion: [assistant('a'), user('r'), assistant('b')],
    })
  })

  it.each([
    ['pos', 'neg'],
    ['correct', 'incorrect'],
    ['good', 'bad'],
    ['choice1', 'choice2'],
    ['steps', 'final_answer_correct'],
  ])('with answers by names that are not known is refused: %s and %s', async (one, other) => {
    const { problem } = await refusal(written('a.jsonl', lines({ prompt: 'p', [one]: 'c', [other]: 'r' })))
    expect(problem).toContain(`"${one}" and "${other}" are not known`)
  })

  it('with what it is about as an object is refused, not read without', async () => {
    const { problem } = await refusal(
      written('a.jsonl', lines({ question: 'q', context: { title: ['t'] }, answer: 'a' })),
    )
    expect(problem).toBe('"context" is an object, not text')
  })
})

describe('rows of which the first says little', () => {
  const better = {
    instruction: 'p',
    completions: ['c', 'r'].map((response, at) => rated(response, `${5 - at}`)),
  }

  it.each([
    ['no answers', { instruction: 'p', completions: [] }],
    ['ratings that are missing', { instruction: 'p', completions: [rated('c', 'N/A'), rated('r', 'N/A')] }],
  ])('are a ranking where others say more: %s', async (_, row) => {
    const { kind, examples, notes } = await readAll(written('a.jsonl', lines(row, better)))
    expect([kind, examples.length]).toEqual(['rankings', 1])
    expect(notes).toEqual(['1 row has no two answers of which one is better (first: line 1). Left out.'])
  })

  function rated(response: string, rating: string): object {
    return { response, annotations: { helpfulness: { Rating: rating, Rationale: 'r' } } }
  }
})

describe('JSON', () => {
  const [one, other] = [
    { prompt: 'Egg?', completion: 'Eight, [or] NaN,}' },
    { prompt: 'Tea?', completion: 'Four.' },
  ]

  it.each([
    ['an array with a last comma', `[${JSON.stringify(one)},${JSON.stringify(other)},\n]`],
    ['objects with a last comma', `${JSON.stringify(one).replace(/\}$/, ' , }')}\n${JSON.stringify(other)}`],
    ['rows by their names', JSON.stringify({ first: one, second: other })],
    [
      'rows of the Hub’s viewer',
      JSON.stringify({ features: [], rows: [{ row_idx: 0, row: one }, { row: other }] }),
    ],
  ])('as %s is read', async (_, text) => {
    expect((await readAll(written('a.json', text))).examples).toEqual([one, other])
  })

  it.each(['[,]', '{"text": "a",,}', '[{"text": "a"},,]', '{,}'])(
    'with a comma after nothing is refused: %s',
    async (text) => {
      expect((await refusal(written('a.json', text))).problem).toMatch(/not JSON/)
    },
  )
})
