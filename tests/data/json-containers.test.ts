/** JSON in the containers that programs write, and what is said when it is in none. */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const two = [{ completion: 'a' }, { completion: 'b' }]

describe('rows', () => {
  it.each([
    [
      'a list among other members',
      'a.json',
      '{"version":1,"meta":{"n":[1]},"train":[{"text":"a"},{"text":"b"}],"more":[1]}',
    ],
    ['a list whose name is in capitals', 'a.json', '{"Data" : [ {"text":"a"} , {"text":"b"} ] }'],
    [
      'pandas’ orient=table',
      'a.json',
      '{"schema":{"fields":[{"name":"text"}]},"data":[{"text":"a"},{"text":"b"}]}',
    ],
    ['pandas’ orient=index', 'a.json', '{"0":{"text":"a"},"1":{"text":"b"}}'],
    ['commas at the begin of lines', 'a.json', '{\n"text":"a"}\n,{\n"text":"b"}\n'],
    ['objects over lines after a mark of bytes', 'a.jsonl', '\ufeff{\n"text":"a"}\n{\n"text":"b"}'],
    ['one line with a line end and blank lines', 'a.json', '\n{"text":"a"}\n\n{"text":"b"},\n\n'],
    [
      'infinities beside them',
      'a.jsonl',
      '{"text":"a","x":-Infinity}\n{"text":"b","x":NaN,"y":"NaN \\" NaN"}',
    ],
    ['a text a line', 'a.jsonl', '"a"\n"b"'],
  ])('are read of %s', async (_, name, content) => {
    expect((await readAll(written(name, content))).examples).toEqual(two)
  })

  it('that are lists of messages are conversations', async () => {
    const talk = (word: string): object[] => [
      { role: 'user', content: word },
      { role: 'assistant', content: word.toUpperCase() },
    ]
    const lines = await readAll(
      written('a.jsonl', `${JSON.stringify(talk('a'))}\n${JSON.stringify(talk('b'))}`),
    )
    const alone = await readAll(written('a.json', JSON.stringify(talk('a'), null, 1)))
    expect(lines.kind).toBe('demonstrations')
    expect(lines.examples).toHaveLength(2)
    expect(alone.examples).toEqual(lines.examples.slice(0, 1))
  })

  it('with a list as their value are rows all the same', async () => {
    const row = {
      messages: [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
      ],
    }
    expect((await readAll(written('a.json', JSON.stringify(row)))).examples).toHaveLength(1)
    expect((await readAll(written('a.json', JSON.stringify(row, null, 2)))).examples).toHaveLength(1)
  })
})

describe('what is no JSON', () => {
  it.each([
    ['a cut object', '{"data":[{"text":"a"}', 1, /the file ends inside its array/],
    [
      'something after an object of rows',
      '{"data":[{"text":"a"}]} {"text":"b"}',
      1,
      /something follows the object/,
    ],
    ['two values on a line', '{"text":"a"} {"text":"b"}', 1, /“{” stands where nothing more should/],
    ['no comma in an array', '[{"text":"a"}\n {"text":"b"}]', 2, /“{” stands where , or \] should/],
    ['messages beside rows', '[{"role":"user","content":"a"},\n{"text":"b"}]', 2, /stand side by side/],
    ['a broken object over lines', '{\n"text":"a"\n"more":1}\n', 3, /“"” stands where , or } should/],
    ['a text that is NaN', '{"text":"a"}\n{"text":NaN}', 2, /"text" is missing/],
  ])('is refused with its place (%s)', async (_, content, line, problem) => {
    const refused = await refusal(written('a.json', content))
    expect(refused.line).toBe(line)
    expect(refused.problem).toMatch(problem)
  })
})

describe('a container', () => {
  const rows = [
    { prompt: 'Egg?', completion: 'Eight.' },
    { prompt: 'Tea?', completion: 'Four.' },
  ]
  const [one = '', other = ''] = rows.map((row) => JSON.stringify(row))

  it.each([
    ['rows of a held-out part', 'a.json', `{"validation": [${one}, ${other}]}`],
    ['a text sequence (RFC 7464)', 'a.jsonl', `\u001e${one}\n\u001e${other}\n`],
    ['what Python prints', 'a.jsonl', `{'prompt': 'Egg?', "completion": 'Eight.', 'x': None}\n${other}`],
    ['TSV that is divided by semicolons', 'a.tsv', 'prompt;completion\nEgg?;Eight.\nTea?;Four.\n'],
    ['TSV that is divided by commas', 'a.tsv', 'prompt,completion\nEgg?,Eight.\nTea?,Four.\n'],
  ])('of %s is read', async (_, name, text) => {
    expect((await readAll(written(name, text))).examples).toEqual(rows)
  })

  it('with two lists of rows says which of them was not read', async () => {
    const { examples, notes } = await readAll(written('a.json', `{"train": [${one}], "test": [${other}]}`))
    expect(examples).toEqual([rows[0]])
    expect(notes).toEqual([
      '“test” is a second list of rows, and was not read: import it as a file of its own.',
    ])
  })

  it('of one conversation of texts is one row', async () => {
    const { examples } = await readAll(written('a.jsonl', '{"messages": ["Hi", "Yo"]}'))
    expect(examples).toEqual([
      {
        prompt: { turns: [{ role: 'user', content: 'Hi' }] },
        completion: [{ role: 'assistant', content: 'Yo' }],
      },
    ])
  })

  it('of one column of TSV keeps its commas', async () => {
    const { examples } = await readAll(written('a.tsv', 'text\nHello, you\n'))
    expect(examples).toEqual([{ completion: 'Hello, you' }])
  })
})
