/**
 * Cells that hold more than a text, as pandas' to_csv writes them (str of a list, of a dictionary, of NumPy's arrays),
 * and rows nested as annotation programs and question sets nest them. Each stands for its kind.
 */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'
import { asked, assistant, user } from '../helpers/turns'
import { pythonLiteral } from '../../src-main/data/shapes/python-literal'

const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`
const csv = (head: string, ...rows: readonly (readonly string[])[]) =>
  readAll(written('a.csv', [head, ...rows.map((row) => row.map(cell).join(','))].join('\n')))
const jsonl = (...rows: readonly unknown[]) =>
  readAll(written('a.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')))

describe('a list as Python prints it', () => {
  it.each([
    [`['a', "it's", 'x\\n\\'y\\'']`, ['a', "it's", "x\n'y'"]],
    [
      `[{'role': 'user', 'n': None, 'ok': True, 'no': False}]`,
      [{ role: 'user', n: null, ok: true, no: false }],
    ],
    [`array(['a', 'b'], dtype=object)`, ['a', 'b']],
    [`[{'a': 1}\n {'a': -2.5e3}]`, [{ a: 1 }, { a: -2500 }]],
    [`(1, 2,)`, [1, 2]],
    [`{'text': array(['x'], dtype=object), 'at': array([3, nan])}`, { text: ['x'], at: [3, null] }],
    [`['\\u00e9\\x41']`, ['éA']],
  ])('is read: %s', (text, value) => {
    expect(pythonLiteral(text)).toEqual(value)
  })

  it.each(['[INST] hi', '[1, 2', "['a'] and more", "{'a'}", '[foo()]', 'plain', '['.repeat(10_000)])(
    'is none: %s',
    (text) => {
      expect(pythonLiteral(text)).toBeUndefined()
    },
  )
})

describe('a table with such cells', () => {
  it('has messages (case 13: a column of messages in CSV)', async () => {
    const said = `[{'content': 'Egg?', 'role': 'user'}\n {'content': "It's eight.", 'role': 'assistant'}]`
    const { kind, examples } = await csv('messages', [said])
    expect([kind, examples]).toEqual([
      'demonstrations',
      [{ prompt: asked(user('Egg?')), completion: [assistant("It's eight.")] }],
    ])
  })

  it('has pairs of conversations, and one message in a cell', async () => {
    const { examples } = await csv('prompt,chosen,rejected', [
      `[{'role': 'user', 'content': 'Egg?'}]`,
      `{'role': 'assistant', 'content': 'Eight.'}`,
      `[{'role': 'assistant', 'content': 'No.'}]`,
    ])
    expect(examples).toEqual([
      { prompt: asked(user('Egg?')), completion: [assistant('Eight.')], rejected: [assistant('No.')] },
    ])
  })

  it('has rankings', async () => {
    const { kind, examples } = await csv('prompt,completions,scores', [
      'Egg?',
      `['No.', 'Eight.']`,
      '[0.1, 2]',
    ])
    expect([kind, examples[0]?.candidates]).toEqual([
      'rankings',
      [
        { completion: 'Eight.', score: 2 },
        { completion: 'No.', score: 0.1 },
      ],
    ])
  })

  it('keeps texts that begin like a list', async () => {
    const { examples } = await csv('prompt,completion', ['Sort 2, 1', '[1, 2]'], ['[INST]', "['a']"])
    expect(examples).toEqual([
      { prompt: 'Sort 2, 1', completion: '[1, 2]' },
      { prompt: '[INST]', completion: "['a']" },
    ])
  })
})

describe('comparisons of LMSYS', () => {
  const head = 'id,model_a,model_b,prompt,response_a,response_b,winner_model_a,winner_model_b,winner_tie'
  const row = (prompt: string, a: string, b: string, ...won: readonly string[]) => [
    '1',
    'x',
    'y',
    prompt,
    a,
    b,
    ...won,
  ]

  it('have a column for each way they may end, and their turns in lists', async () => {
    const { kind, examples, notes } = await csv(
      head,
      row('["Egg?","And tea?"]', '["No.","Never."]', '["Eight.","Four."]', '0', '1', '0'),
      row('["Salt?"]', '["Yes."]', '["No."]', '1', '0', '0'),
      row('["Tie?"]', '["A."]', '["B."]', '0', '0', '1'),
    )
    expect(kind).toBe('preferences')
    expect(examples).toEqual([
      {
        prompt: asked(user('Egg?')),
        completion: [assistant('Eight.'), user('And tea?'), assistant('Four.')],
        rejected: [assistant('No.'), user('And tea?'), assistant('Never.')],
      },
      { prompt: asked(user('Salt?')), completion: [assistant('Yes.')], rejected: [assistant('No.')] },
    ])
    expect(notes.join()).toContain('1 row has two answers of which neither is better')
  })
})

describe('SQuAD', () => {
  const row = { id: '1', title: 'Eggs', context: 'An egg takes eight.', question: 'How long?' }

  it('has reference answers: each that differs is one', async () => {
    const { kind, examples, notes } = await jsonl(
      { ...row, answers: { text: ['eight', 'eight', 'takes eight'], answer_start: [13, 13, 7] } },
      { ...row, question: 'Who?', answers: { text: [], answer_start: [] } },
    )
    const prompt = 'How long?\n\nAn egg takes eight.'
    expect([kind, examples]).toEqual([
      'demonstrations',
      [
        { prompt, completion: 'eight' },
        { prompt, completion: 'takes eight' },
      ],
    ])
    expect(notes.join()).toContain('1 row has no answer')
  })

  it('is read of a table, too', async () => {
    const answers = `{'text': array(['eight'], dtype=object), 'answer_start': array([13])}`
    const { examples } = await csv('context,question,answers', [row.context, row.question, answers])
    expect(examples).toMatchObject([{ completion: 'eight' }])
  })
})

describe('what annotation programs export', () => {
  it('Argilla 2: fields, and what most people said', async () => {
    const said = (...values: readonly string[]) => ({
      sentiment: values.map((value) => ({ value, user_id: 'u', status: 'submitted' })),
    })
    const { kind, examples, notes } = await jsonl(
      {
        id: '1',
        fields: { text: 'Warm.' },
        responses: said('positive', 'negative', 'positive'),
        suggestions: {},
      },
      {
        id: '2',
        fields: { text: 'Cold.' },
        responses: {},
        suggestions: { sentiment: { value: 'negative' } },
      },
      { id: '3', fields: { text: 'Dry.' }, responses: { sentiment: [] }, suggestions: {} },
    )
    expect([kind, examples]).toEqual([
      'labelled',
      [
        { completion: 'Warm.', label: 1 },
        { completion: 'Cold.', label: 0 },
      ],
    ])
    expect(notes.join()).toContain('1 row was judged by nobody')
  })

  it('Argilla as tables, of both versions', async () => {
    const fields = { prompt: 'Egg?', response_a: 'No.', response_b: 'Eight.' }
    const two = await jsonl({
      ...fields,
      'preference.responses': ['response_a', 'response_b', 'response_b'],
      'preference.responses.status': ['discarded', 'submitted', 'submitted'],
    })
    const one = await jsonl({
      ...fields,
      preference: [{ user_id: 'u', value: 'response_b', status: 'submitted' }],
    })
    for (const { kind, examples } of [one, two])
      expect([kind, examples]).toEqual([
        'preferences',
        [{ prompt: 'Egg?', completion: 'Eight.', rejected: 'No.' }],
      ])
  })

  it('Label Studio: data, and the choice of its annotations', async () => {
    const task = (text: string, choice: string, cancelled = false) => ({
      id: 1,
      data: { text },
      annotations: [
        {
          was_cancelled: cancelled,
          result: [
            { from_name: 'sentiment', to_name: 'text', type: 'choices', value: { choices: [choice] } },
          ],
        },
      ],
    })
    const rows = [task('Warm.', 'Positive'), task('Cold.', 'Negative'), task('Dry.', 'Positive', true)]
    for (const text of [JSON.stringify(rows), rows.map((each) => JSON.stringify(each)).join('\n')]) {
      const { kind, examples } = await readAll(written('tasks.json', text))
      expect([kind, examples]).toEqual([
        'labelled',
        [
          { completion: 'Warm.', label: 1 },
          { completion: 'Cold.', label: 0 },
        ],
      ])
    }
  })
})

describe('a name that stands twice in one object', () => {
  it('refuses the row, with its place: the first value would be gone', async () => {
    const rows = '{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d","prompt":"e"}'
    expect(await refusal(written('a.jsonl', rows))).toMatchObject({
      problem: 'the name "prompt" stands twice in one object: leave one of them out',
      ...{ line: 2, column: 32 },
    })
    const nested = '[{"messages":[{"role":"user","content":"a","role":"assistant"}]}]'
    expect((await refusal(written('a.json', nested))).problem).toContain('"role" stands twice')
  })

  it('may stand in several objects, and in texts', async () => {
    const { examples } = await jsonl({
      prompt: '{"a":1,"a":2}',
      completion: 'say "prompt": "x"',
      prompt2: { prompt: 'p' },
    })
    expect(examples).toHaveLength(1)
  })
})
