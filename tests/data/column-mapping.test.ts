/** What a person says that columns mean. */
import { describe, expect, it } from 'vitest'
import { previewFile } from '../../src-main/data/import-preview'
import { readAll, refusal, written } from '../helpers/imported-file'

const file = (name: string): string => `tests/fixtures/field-cases/${name}`

describe('a mapping of columns', () => {
  it('04e: reads parts of columns', async () => {
    const columns = { prompt: 'info.post', chosen: 'summaries.1.text', rejected: 'summaries.0.text' }
    const read = await readAll(file('04e-pair-summaries-choice.jsonl'), { columns })
    expect(read).toMatchObject({
      kind: 'preferences',
      examples: [{ prompt: 'I boiled an egg.', completion: 'boiled', rejected: 'egg' }],
    })
    expect(read.columns).toEqual({
      read: [
        { column: 'info.post', as: 'prompt' },
        { column: 'summaries.1.text', as: 'chosen' },
        { column: 'summaries.0.text', as: 'rejected' },
      ],
      unread: ['choice'],
    })
  })

  it('goes before what names say, and the column of that name is named as not read', async () => {
    const row = written('a.csv', 'prompt,question,answer\nno,Egg?,Eight.\n')
    const { examples, columns } = await readAll(row, { columns: { prompt: 'question' } })
    expect(examples).toEqual([{ prompt: 'Egg?', completion: 'Eight.' }])
    expect(columns.unread).toEqual(['prompt (in the file)'])
  })

  it.each([
    [{ prompt: 'nope' }, /there is no column "nope" to be read as prompt; found "qid", "question"/],
    [{ colour: 'question' }, /a column cannot be read as "colour"; there are .*prompt/],
  ])('that cannot be is refused in words (%j)', async (columns, problem) => {
    expect((await refusal(file('04a-pair-response-j-k.jsonl'), { columns })).problem).toMatch(problem)
  })

  it('reads columns of Parquet and Arrow that mean nothing by their names', async () => {
    const columns = { prompt: 'text', completion: 'label' }
    const { examples } = await readAll('tests/fixtures/parquet/encoding-plain.parquet', { columns })
    expect(examples[1]).toEqual({ prompt: 'Sentence 1, naïve 🙂 good.', completion: '-93' })
    const arrow = await readAll('tests/fixtures/arrow/saved', {
      columns: { completion: 'number', prompt: 'text' },
    })
    expect(arrow.examples[4]).toEqual({ prompt: 'Row 5.', completion: '4' })
  })
})

describe('a preview', () => {
  it('shows all columns with what they hold, and why they make no dataset', async () => {
    const { columns, reading, problem, meanings } = await previewFile(
      written('a.jsonl', '{"info":{"post":"I boiled an egg."},"summaries":[{"text":"egg"}],"rank":1}'),
      {},
    )
    expect(columns).toEqual([
      { name: 'info', holds: '{"post":"I boiled an egg."}' },
      { name: 'summaries', holds: '[{"text":"egg"}]' },
      { name: 'rank', holds: '1' },
    ])
    expect(reading).toBeUndefined()
    expect(problem).toMatch(/no known columns: found "info", "summaries", "rank"/)
    expect(meanings).toContain('chosen')
  })

  it('shows the columns of the file where its rows are read as pairs, each of which it has', async () => {
    const { columns, reading } = await previewFile(file('04e-pair-summaries-choice.jsonl'), {})
    expect(columns.map(({ name }) => name)).toEqual(['info', 'summaries', 'choice'])
    expect(reading?.examples).toEqual([{ prompt: 'I boiled an egg.', completion: 'boiled', rejected: 'egg' }])
  })

  it('shows the first rows as an import would read them', async () => {
    const lines = Array.from({ length: 3000 }, (_, row) => `{"question":"q${row}","reply":"r${row}"}`).join(
      '\n',
    )
    const columns = { completion: 'reply' }
    const { reading } = await previewFile(written('a.jsonl', lines), { columns })
    expect(reading?.kind).toBe('demonstrations')
    expect(reading?.columns.unread).toEqual([])
    expect(reading?.examples).toEqual(
      [0, 1, 2, 3, 4].map((row) => ({ prompt: `q${row}`, completion: `r${row}` })),
    )
  })
})

describe('18: plain text', () => {
  it('by the line says that indentation is left out, where there is any', async () => {
    const code = await readAll(written('a.py', 'def f():\n    return 1\n'))
    expect(code.notes).toHaveLength(1)
    expect(code.notes[0]).toContain('its indentation is left out')
    expect((await readAll(written('b.txt', 'One.\n\nTwo.\n'))).notes).toEqual([])
  })

  const poem = 'Roses are red\n    Violets are blue\n\nSugar is sweet'

  it('taken whole keeps its empty lines and its indentation', async () => {
    const { examples } = await readAll(file('18-poem.txt'), { cut: 'whole' })
    expect(examples).toEqual([{ completion: poem }])
    expect((await readAll(file('18-code.md'), { cut: 'whole' })).examples[0]?.completion).toBe(
      'def f(x):\n    if x:\n        return 1\n    return 0',
    )
    expect((await readAll(file('18-verse.txt'), { cut: 'whole' })).examples).toHaveLength(1)
  })

  it('is cut at blank lines', async () => {
    const { examples } = await readAll(file('18-poem.txt'), { cut: 'blank-lines' })
    expect(examples.map(({ completion }) => completion)).toEqual(poem.split('\n\n'))
  })

  it('is cut at a marker, which is no text; the usual one needs no asking', async () => {
    const stories = [{ completion: 'Story one line a.\nline b.' }, { completion: 'Story two.' }]
    expect((await readAll(file('18-end-of-text-marker.txt'))).examples).toEqual(stories)
    const marked = written('a.txt', 'a\nb ### c\n###\n\n  d\n')
    expect((await readAll(marked, { cut: 'marker:###' })).examples).toEqual([
      { completion: 'a\nb' },
      { completion: ' c' },
      { completion: '  d' },
    ])
  })

  it('is a text a line where one asks for lines, and where nothing says otherwise', async () => {
    expect((await readAll(file('18-play.txt'))).examples).toHaveLength(6)
    expect((await readAll(file('18-end-of-text-marker.txt'), { cut: 'lines' })).examples).toHaveLength(4)
  })
})
