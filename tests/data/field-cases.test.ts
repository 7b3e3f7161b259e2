/**
 * Files as people bring them, each of a kind that was once read wrong, or not at all (tests/fixtures/field-cases).
 * The numbers are those of the cases.
 */
import { describe, expect, it } from 'vitest'
import { readAll, refusal, written } from '../helpers/imported-file'

const file = (name: string): string => `tests/fixtures/field-cases/${name}`

const eggAndTea = [
  { prompt: 'Egg?', completion: 'Eight.' },
  { prompt: 'Tea?', completion: 'Four.' },
]

describe('columns come from all rows', () => {
  it.each(['01a-field-absent-in-first-row.json', '01a-field-null-in-first-row.jsonl'])(
    '01a: a column that the first row lacks is read (%s)',
    async (name) => {
      const { kind, examples, columns } = await readAll(file(name))
      expect(kind).toBe('demonstrations')
      expect(examples.map(({ prompt }) => prompt)).toEqual([
        'Name a colour of the sky.',
        'Put this into English.\n\nGuten Morgen, Frau Meier.',
        'Add the two numbers.\n\n17 and 25',
      ])
      expect(columns.unread).toEqual([])
    },
  )
})

describe('a column that means something and comes late', () => {
  const rows = (count: number): string =>
    Array.from({ length: count }, (_, row) => `{"instruction":"i${row}","output":"o${row}"}`).join('\n')

  it('01a: is read in all rows, also in those above it', async () => {
    const late =
      '{"instruction":"i","input":"late","output":"o","more":1}\n{"instruction":"i","output":"o","rest":2}'
    const { examples, columns } = await readAll(written('a.jsonl', `${rows(5000)}\n${late}`))
    expect(examples).toHaveLength(5002)
    expect(examples[0]).toEqual({ prompt: 'i0', completion: 'o0' })
    expect(examples[5000]).toEqual({ prompt: 'i\n\nlate', completion: 'o' })
    expect(columns.unread).toEqual(['more', 'rest'])
  })

  it('01a: decides what all rows are', async () => {
    const texts = Array.from({ length: 3000 }, (_, row) => `{"text":"t${row}","label":null}`).join('\n')
    const refused = await refusal(written('a.jsonl', `${texts}\n{"text":"t","label":1}`))
    expect(refused).toMatchObject({ line: 1, problem: '"label" is missing' })
  })
})

describe('columns by other names', () => {
  it.each(['01b-prompt-absent-in-first-row.jsonl', '01b-prompt-null-in-first-row.jsonl'])(
    '01b: a prompt that the first row lacks is read (%s)',
    async (name) => {
      const { kind, examples } = await readAll(file(name))
      expect(kind).toBe('preferences')
      expect(examples.map(({ prompt }) => prompt)).toEqual(['', 'How do I boil an egg?'])
    },
  )

  it('02: the context of a question is part of the prompt, and what is not read is named', async () => {
    const asked = await readAll(file('02-context-of-an-instruction.jsonl'))
    expect(asked.examples.map(({ prompt }) => prompt)).toEqual([
      "Who wrote the letter?\n\nThe letter of 1873 was written by the miller's widow.",
      'Give me a rhyme.',
    ])
    expect(asked.columns.unread).toEqual(['category'])
    const question = await readAll(file('02-context-of-a-question.jsonl'))
    expect(question.examples[0]?.prompt).toBe('Who baked?\n\nOn Monday Ilse baked.')
  })

  it.each([
    ['04a-pair-response-j-k.jsonl', 'How do I boil an egg?', 'Eight minutes.', 'No idea.'],
    ['04b-pair-accepted-rejected.jsonl', 'Egg?', 'Eight.', 'No.'],
    ['04b-pair-chosen-response.jsonl', 'Egg?', 'Eight.', 'No.'],
    ['04b-pair-selected-rejected.jsonl', 'Egg?', 'Eight.', 'No.'],
  ])('%s is a pair', async (name, prompt, completion, rejected) => {
    const { kind, examples } = await readAll(file(name))
    expect({ kind, examples }).toEqual({ kind: 'preferences', examples: [{ prompt, completion, rejected }] })
  })

  it.each([
    [{ prompt: 'p', rejected: 'r' }, '"chosen" is missing'],
    [{ prompt: 'p', chosen: 'c' }, '"rejected" is missing'],
    [{ question: 'p', response_x: 'a', response_y: 'b' }, '"response_x" and "response_y" are not known'],
  ])('04b: answers are never dropped for prompts alone (%j)', async (row, problem) => {
    const refused = written('a.jsonl', JSON.stringify(row))
    expect((await refusal(refused)).problem).toContain(problem)
    expect((await readAll(refused, 'prompts')).kind).toBe('prompts')
  })

  it('08a: a pair with an empty side is left out and counted; a file of such pairs alone is refused', async () => {
    expect((await refusal(file('08a-empty-rejected-and-chosen.jsonl'))).problem).toBe(
      'nothing of it can be learned from: 2 pairs have an empty text on one side (first: line 1). Left out.',
    )
    const pair = '{"prompt":"p","chosen":"c","rejected":"r"}\n{"prompt":"p","chosen":"c","rejected":" "}'
    const { examples, notes } = await readAll(written('a.jsonl', pair))
    expect(examples).toHaveLength(1)
    expect(notes).toEqual(['1 pair has an empty text on one side (first: line 2). Left out.'])
  })

  it('14: numbers and truths are text, and never other digits than the file has', async () => {
    const numbers = await readAll(file('14-number-as-answer.jsonl'))
    expect(numbers.examples.map(({ completion }) => completion)).toEqual(['42', '2'])
    expect((await readAll(file('14-boolean-as-answer.jsonl'))).examples[0]?.completion).toBe('true')
    const long = written('a.jsonl', '{"question":"q","answer":12345678901234567890}')
    expect((await refusal(long)).problem).toContain('more digits than are exact')
  })

  it('40: a long prompt is no fault of the file: all rows come in', async () => {
    expect((await readAll(file('40-one-prompt-too-long.jsonl'))).examples).toHaveLength(3)
  })

  it('45: rows that equal a row above are counted', async () => {
    expect((await readAll(file('45-twenty-equal-pairs.jsonl'))).notes).toEqual([
      '19 rows equal rows above (first: line 2). Kept; all stand on one side of a split.',
    ])
  })
})

describe('JSON is read in any container', () => {
  it.each([
    '09-array-in-jsonl.jsonl',
    '09-columns-by-row-number.json',
    '09-columns-index-data.json',
    '09-columns-of-lists.json',
    '09-comma-after-lines.jsonl',
    '09-object-with-data-over-lines.json',
    '09-object-with-data.json',
    '09-objects-over-lines.jsonl',
  ])('09: %s', async (name) => {
    expect(await readAll(file(name))).toMatchObject({ kind: 'demonstrations', examples: eggAndTea })
  })

  it('09: one object over several lines is one row', async () => {
    expect((await readAll(file('09-one-object-over-lines.json'))).examples).toEqual(eggAndTea.slice(0, 1))
  })

  it('10: NaN in a column that is not read is no fault', async () => {
    const { examples, columns } = await readAll(file('10-nan-in-an-unused-column.jsonl'))
    expect(examples).toEqual(eggAndTea)
    expect(columns.unread).toEqual(['score'])
  })
})

describe('what divides a CSV file is found whatever the number of its rows', () => {
  it.each([
    ['12a-semicolon-1-row.csv', 1],
    ['12a-semicolon-8-rows.csv', 8],
    ['12a-semicolon-with-commas.csv', 2],
  ])('12a: %s', async (name, rows) => {
    const { kind, examples } = await readAll(file(name))
    expect(kind).toBe('demonstrations')
    expect(examples).toHaveLength(rows)
  })

  it('12a: and commas in its fields divide nothing', async () => {
    expect((await readAll(file('12a-semicolon-with-commas.csv'))).examples[0]).toEqual({
      prompt: 'Egg, boiled?',
      completion: 'Eight; or nine',
    })
  })
})

it('16: bytes that are no UTF-8 text are refused with their row', async () => {
  expect((await refusal(file('16-binary-text-not-utf8.parquet'))).problem).toBe(
    'row 1: "text" is not UTF-8 text (byte 0xe9)',
  )
})

it('49: a pair whose two texts are equal is named', async () => {
  expect((await readAll(file('49-pair-of-equal-texts.jsonl'))).notes).toEqual([
    '1 pair has the same text as chosen and rejected (first: line 1). Left out: nothing is learned from such a pair.',
  ])
})
