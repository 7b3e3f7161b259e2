/** Files of every format, read and recognised. */
import fs from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readExamples } from '../../src-main/data/import-file'
import { termsOf } from '../../src-main/data/terms'
import { readAll, refusal, written } from '../helpers/imported-file'
import { asked, assistant, user } from '../helpers/turns'

const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const jsonl = (...rows: readonly object[]): string => written('a.jsonl', lines(...rows))

describe('plain text', () => {
  it('is one text a line; blank lines are none', async () => {
    expect(await readAll(written('a.txt', 'One.\n\n  Two. \r\nThree.'))).toMatchObject({
      kind: 'text',
      examples: [{ completion: 'One.' }, { completion: 'Two.' }, { completion: 'Three.' }],
    })
  })

  it('is one text a paragraph when it is prose wrapped by hand', async () => {
    const { examples } = await readAll('resources/datasets/austen-pride-and-prejudice.txt')
    expect(examples[3]?.completion).toBe(
      'It is a truth universally acknowledged, that a single man in possession of a good fortune, must ' +
        'be in want of a wife.',
    )
    expect((await readAll('resources/datasets/short-english-wordnet.txt')).examples).toHaveLength(40_600)
  })

  it('of single lines with blank lines between stays one text a line', async () => {
    const sentence = 'A sentence that is about as long as a line of a printed page is.'
    expect((await readAll(written('a.txt', `${sentence}\n\n`.repeat(20)))).examples).toHaveLength(20)
  })

  it('can be read as prompts', async () => {
    expect(await readAll(written('a.txt', 'Write a poem.\nTell a joke.'), 'prompts')).toMatchObject({
      kind: 'prompts',
      examples: [{ prompt: 'Write a poem.' }, { prompt: 'Tell a joke.' }],
    })
  })
})

describe('the kind of a file', () => {
  it.each([
    [{ text: 'a' }, 'text', { completion: 'a' }],
    [{ Content: 'a', extra: 1 }, 'text', { completion: 'a' }],
    [{ sentence: 'a', label: 1, source: 'yelp' }, 'labelled', { completion: 'a', label: 1, source: 'yelp' }],
    [{ review: 'a', sentiment: 'negative' }, 'labelled', { completion: 'a', label: 0 }],
    [{ text: 'a', label: true }, 'labelled', { completion: 'a', label: 1 }],
    [{ prompt: 'p', completion: 'c' }, 'demonstrations', { prompt: 'p', completion: 'c' }],
    [{ question: 'p', answer: 'c' }, 'demonstrations', { prompt: 'p', completion: 'c' }],
    [{ input: 'p', output: 'c' }, 'demonstrations', { prompt: 'p', completion: 'c' }],
    [
      { instruction: 'Sum up.', input: 'Long text.', output: 'c' },
      'demonstrations',
      { prompt: 'Sum up.\n\nLong text.', completion: 'c' },
    ],
    [
      { instruction: 'Greet.', input: '', output: 'c' },
      'demonstrations',
      { prompt: 'Greet.', completion: 'c' },
    ],
    [
      { prompt: 'p', completion: 'c', label: false },
      'demonstrations',
      { prompt: 'p', completion: 'c', label: 0 },
    ],
    [
      { prompt: 'p', completion: 'c', label: 4 },
      'demonstrations',
      { prompt: 'p', completion: 'c', label: 4 },
    ],
    [
      { prompt: 'p', chosen: 'c', rejected: 'r' },
      'preferences',
      { prompt: 'p', completion: 'c', rejected: 'r' },
    ],
    [{ chosen: 'c', rejected: 'r' }, 'preferences', { prompt: '', completion: 'c', rejected: 'r' }],
    [{ prompt: 'p' }, 'prompts', { prompt: 'p' }],
    [{ completion: 'c' }, 'text', { completion: 'c' }],
  ] as const)('with columns like %j is %s', async (row, kind, example) => {
    expect(await readAll(jsonl(row))).toMatchObject({ kind, examples: [example] })
  })

  it.each([
    ['text', { text: 'a', label: 1 }, { completion: 'a' }],
    ['demonstrations', { prompt: 'p', chosen: 'c', rejected: 'r' }, { prompt: 'p', completion: 'c' }],
    ['demonstrations', { text: 'a' }, { completion: 'a' }],
    ['prompts', { prompt: 'p', chosen: 'c', rejected: 'r' }, { prompt: 'p' }],
    ['prompts', { text: 'a' }, { prompt: 'a' }],
    ['labelled', { completion: 'a', label: '0' }, { completion: 'a', label: 0 }],
  ] as const)('may be chosen: as %s from %j', async (kind, row, example) => {
    expect(await readAll(jsonl(row), kind)).toMatchObject({ kind, examples: [example], notes: [] })
  })

  it.each([
    ['preferences', { text: 'a' }, 'as preferences it needs "chosen" and "rejected"; found "text"'],
    ['labelled', { text: 'a' }, 'as labelled it needs "text" and "label"; found "text"'],
    [undefined, { url: 'a', id: 3 }, 'no known columns: found "url", "id". Name them'],
    [undefined, { chosen: 'a' }, 'no known columns: found "chosen". "rejected" is missing'],
    [undefined, {}, 'no known columns: found no columns'],
  ] as const)('is refused as %s with columns like %j', async (kind, row, problem) => {
    const refused = await refusal(jsonl(row), kind)
    expect(refused).toMatchObject({ file: 'a.jsonl', line: 1 })
    expect(refused.problem).toContain(problem)
  })
})

describe('pairs whose sides are the same', () => {
  it('are left out and named', async () => {
    const same = { prompt: 'p', chosen: 'x', rejected: 'x' }
    const { examples, notes } = await readAll(jsonl({ prompt: 'p', chosen: 'a', rejected: 'b' }, same, same))
    expect(examples).toHaveLength(1)
    expect(notes).toEqual([
      '2 pairs have the same text as chosen and rejected (first: line 2). Left out: nothing is learned ' +
        'from such a pair.',
    ])
  })
})

describe('JSON', () => {
  it('may be an array of objects, in any layout', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ text: `"quoted" [${i}], {braces} \\ 🙂`, label: i }))
    for (const content of [
      JSON.stringify(rows),
      JSON.stringify(rows, null, 2),
      ' \n\ufeff'.slice(0, 2) + JSON.stringify(rows, null, '\t'),
    ]) {
      expect((await readAll(written('a.json', content))).examples).toEqual(
        rows.map(({ text, label }) => ({ completion: text, label })),
      )
    }
  })

  it('may be an array whose elements and escapes lie across chunks', async () => {
    // 9,000 rows of every length: each chunk's end falls somewhere else
    const rows = Array.from({ length: 9000 }, (_, i) => ({ text: `\\"${'\\\\'.repeat(i % 23)}"${i}` }))
    expect(
      (await readAll(written('a.json', JSON.stringify(rows)))).examples.map((each) => each.completion),
    ).toEqual(rows.map((row) => row.text))
  })

  it('may be an array of texts, or a text a line', async () => {
    expect((await readAll(written('a.json', '["a", "b"]'))).examples).toEqual([
      { completion: 'a' },
      { completion: 'b' },
    ])
    expect((await readAll(written('a.jsonl', '"a"\n"b"'))).examples).toEqual([
      { completion: 'a' },
      { completion: 'b' },
    ])
  })

  it('may begin with a byte order mark and have Windows line ends and blank lines', async () => {
    expect(
      (await readAll(written('a.jsonl', '\ufeff{"text":"a"}\r\n\r\n{"text":"b"}\r\n'))).examples,
    ).toEqual([{ completion: 'a' }, { completion: 'b' }])
  })

  it.each([
    ['a.jsonl', '{"text":"a"}\n{"text": "b",, }\n', 2, 14, '“,” stands where a key in double quotes should'],
    ['a.jsonl', '{"text":"a"}\n{text: "b"}', 2, 2, '“t” stands where a key in double quotes or } should'],
    ['a.jsonl', '{"text":"a"} {"text":"b"}', 1, 14, '“{” stands where nothing more should'],
    ['a.jsonl', '{"text":"a', 1, 9, 'the string that begins here is never closed'],
    ['a.jsonl', '{"text":"a\tb"}', 1, 11, 'a line end or control character (U+0009)'],
    ['a.jsonl', '{"text":"a\\q"}', 1, 11, '\\q is no escape'],
    ['a.jsonl', '{"text":01}', 1, 10, '“1” stands where , or } should'],
    ['a.jsonl', '{"text":tru}', 1, 9, '“t” stands where a value should'],
    ['a.jsonl', '{"text":"a"', 1, 12, 'it ends where , or } should stand'],
    ['a.jsonl', '{\n  "text": "a"\n', 1, 2, 'it ends where a key in double quotes or } should stand'],
    ['a.json', '[\n  {"text": "a"},\n  {"text": }\n]', 3, 12, '“}” stands where a value should'],
    ['a.json', '[{"text": "a"}', 1, 15, 'the file ends inside its array'],
    ['a.json', '[{"text": "a"}]\n[', 2, 1, 'something follows the array'],
    ['a.json', '[{"text": "a"}}', 1, 15, '“}” stands where the array should end'],
    ['a.json', '[{"text": "a"} {"text": "b"}]', 1, 16, '“{” stands where , or ] should'],
  ])('%s with %j is refused at its place', async (name, content, line, column, problem) => {
    const refused = await refusal(written(name, content))
    expect(refused).toMatchObject({ line, column })
    expect(refused.problem).toContain(problem)
  })

  it.each([
    ['[1, 2]', 'this is a number, not an object'],
    ['[[]]', 'this is an array, not an object'],
    ['[null]', 'this is null, not an object'],
  ])('that holds %s is refused', async (content, problem) => {
    expect((await refusal(written('a.json', content))).problem).toContain(problem)
  })

  it('has no dangerous keys', async () => {
    const { examples } = await readAll(
      written('a.jsonl', '{"__proto__": {"text": "inherited"}, "text": "own", "constructor": 3}'),
    )
    expect(examples).toEqual([{ completion: 'own' }])
    expect((await refusal(written('a.jsonl', '{"__proto__": {"text": "inherited"}}'))).problem).toContain(
      'no known columns',
    )
  })
})

describe('CSV and TSV', () => {
  it('name their columns first; quotes hold commas, quotes and line ends', async () => {
    const content = 'text,label,source\n"Good, ""very"" good",1,film\n"two\nlines",0,\n'
    expect(await readAll(written('a.csv', content))).toMatchObject({
      kind: 'labelled',
      examples: [
        { completion: 'Good, "very" good', label: 1, source: 'film' },
        { completion: 'two\nlines', label: 0 },
      ],
    })
  })

  it.each([[';'], ['\t'], ['|'], [',']])('may be divided by %j', async (mark) => {
    const content = [
      ['prompt', 'completion'],
      ['p 1', 'c 1'],
      ['p 2', 'c 2'],
    ]
      .map((row) => row.join(mark))
      .join('\r\n')
    expect((await readAll(written('a.csv', content))).examples).toEqual([
      { prompt: 'p 1', completion: 'c 1' },
      { prompt: 'p 2', completion: 'c 2' },
    ])
  })

  it('of a single column need no mark', async () => {
    expect((await readAll(written('a.csv', 'text\nGood.\nBad.\n'))).examples).toEqual([
      { completion: 'Good.' },
      { completion: 'Bad.' },
    ])
    expect((await readAll(written('a.tsv', 'text\tlabel\nGood, bad; or\t1\n'))).examples).toEqual([
      { completion: 'Good, bad; or', label: 1 },
    ])
  })

  it.each([
    [
      'more fields than the header',
      'text,label\na,1\nb,0,9\n',
      3,
      'this row has 3 fields where the header names 2',
    ],
    [
      'fewer fields than the header',
      'text,label\n"a\nb",1\nc\n',
      4,
      'this row has 1 field where the header names 2',
    ],
    [
      'a quote that is never closed',
      'text,label\na,1\n"b,0\nc,1\n',
      3,
      'a quote that opens in this row is never closed',
    ],
    [
      'a quote that is not doubled',
      'text,label\n"a "bad" b",1\n',
      2,
      'a quote inside a quoted field is not doubled',
    ],
    ['two columns of one name', 'text,text\na,b\n', 1, 'two columns are named "text"'],
    ['a label that is no number', 'text,label\na,1\nb,often\n', 3, '"label" is "often", not a number'],
    ['an empty label', 'text,label\na,\n', 2, '"label" is missing'],
  ])('with %s are refused', async (_, content, line, problem) => {
    const refused = await refusal(written('a.csv', content))
    expect(refused).toMatchObject({ line })
    expect(refused.problem).toContain(problem)
  })

  it('with nothing but a header hold no rows', async () => {
    expect((await refusal(written('a.csv', 'text,label\n'))).problem).toBe(
      'it holds no rows: there is nothing to import',
    )
  })

  it('find a row’s line also far into the file, across chunks', async () => {
    const row = '"a sentence, quoted,\nover two lines",1\n'
    const refused = await refusal(written('a.csv', `text,label\n${row.repeat(20_000)}broken\n`))
    expect(refused).toMatchObject({ line: 40_002, problem: 'this row has 1 field where the header names 2' })
  })
})

describe('Parquet', () => {
  it.each(['snappy', 'zstd', 'gzip'])('packed with %s is read, row groups and all', async (codec) => {
    const { kind, examples } = await readAll(`tests/fixtures/labelled.${codec}.parquet`)
    expect(kind).toBe('labelled')
    expect(examples).toHaveLength(300)
    expect(examples[0]).toEqual({ completion: 'Sentence 0 is bad, naïve 🙂.', label: 0 })
    expect(examples[299]).toEqual({ completion: 'Sentence 299 is good, naïve 🙂.', label: 1, source: 'film' })
  })

  it('may hold conversations', async () => {
    const { kind, examples } = await readAll('tests/fixtures/chat-preferences.parquet')
    expect(kind).toBe('preferences')
    expect(examples).toHaveLength(40)
    expect(examples[39]).toEqual({
      prompt: asked(user('Question 39?')),
      completion: [assistant('A helpful answer 39.')],
      rejected: [assistant('No 39.')],
    })
  })

  it('names the row instead of the line', async () => {
    const refused = await refusal('tests/fixtures/labelled.snappy.parquet', 'preferences')
    expect(refused.problem).toMatch(
      /^row 1: as preferences it needs "chosen" and "rejected"; found "text", "label"/,
    )
  })

  it('that is cut off, or has something else behind its first bytes, is refused', async () => {
    const whole = fs.readFileSync('tests/fixtures/labelled.snappy.parquet')
    expect((await refusal(written('a.parquet', whole.subarray(0, 3000)))).problem).toMatch(
      /^this Parquet file is damaged or cut off/,
    )
    expect((await refusal(written('a.parquet', 'PAR1'))).problem).toMatch(
      /^this Parquet file is damaged or cut off/,
    )
    expect((await refusal(written('a.parquet', 'text\nGood.\n'))).problem).toBe(
      'this is no Parquet file: it does not begin with PAR1',
    )
  })

  it('is known by its bytes, whatever its name', async () => {
    expect(
      (await readAll(written('a.txt', fs.readFileSync('tests/fixtures/labelled.zstd.parquet')))).examples,
    ).toHaveLength(300)
  })
})

describe('a file packed with gzip', () => {
  it('is read as what it holds', async () => {
    expect(
      (await readAll(written('a.jsonl.gz', gzipSync(lines({ text: 'a' }, { text: 'b' }))))).examples,
    ).toEqual([{ completion: 'a' }, { completion: 'b' }])
    expect((await readAll(written('a.csv.gz', gzipSync('text,label\na,1\n')))).kind).toBe('labelled')
  })

  it('that is cut off or damaged is refused', async () => {
    const packed = gzipSync(lines(...Array.from({ length: 5000 }, (_, i) => ({ text: `a ${i * 7919}` }))))
    expect((await refusal(written('a.jsonl.gz', packed.subarray(0, packed.length >> 1)))).problem).toContain(
      'damaged or cut off',
    )
    packed[packed.length >> 1]! ^= 0xff
    expect((await refusal(written('a.jsonl.gz', packed))).problem).toMatch(/damaged|not JSON|not UTF-8/)
  })
})

describe('reading', () => {
  it('tells how far it is', async () => {
    const file = written('a.txt', 'A sentence of some length.\n'.repeat(20_000))
    const seen: number[] = []
    for await (const { bytesRead, bytesTotal, examples, reading } of readExamples(file)) {
      if (!reading) continue // its columns are looked for first
      seen.push(bytesRead / bytesTotal)
      expect(examples.length).toBeLessThanOrEqual(500)
    }
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.length).toBeGreaterThan(20)
  })

  it('stops where its reader stops', async () => {
    const file = written('a.txt', 'A sentence.\n'.repeat(100_000))
    for await (const batch of readExamples(file)) {
      expect(batch.bytesRead).toBeGreaterThan(0)
      if (batch.examples.length > 0) break
    }
    fs.rmSync(file) // on Windows this fails while the file is open
  })
})

describe('the terms of a sample file', () => {
  it('are known for all that come with the studio, and for no other file of that name', () => {
    for (const name of fs.readdirSync('resources/datasets').filter((each) => !each.endsWith('.md'))) {
      expect(termsOf(name, fs.statSync(`resources/datasets/${name}`).size)).toMatch(
        /CC BY 4\.0|public domain|WordNet licence|free to use/,
      )
    }
    expect(termsOf('moby-dick.txt', 5)).toBe('')
    expect(termsOf('constructor', 5)).toBe('')
  })
})
