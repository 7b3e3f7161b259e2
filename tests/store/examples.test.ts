import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src-main/store/dataset-summary'
import type { WritableDb } from '../../src-main/store/handle'
import { examplesOf, flagExample, pageOfExamples } from '../../src-main/store/examples'
import { matchesWords, searchWords } from '../../src-main/store/search-words'
import type { Example, ExampleFilter, ExampleParts } from '../../src-shared/records/example'
import { importedDataset, testRegistry } from '../helpers/registry'

const reviews: readonly ExampleParts[] = [
  { completion: 'Good quality, good price.', label: 1, source: 'amazon' },
  { completion: 'The QUALITY was bad.', label: 0, source: 'amazon' },
  { completion: "I don’t like it, I don't want it.", label: 0, source: 'yelp' },
  { completion: 'Très bon café!', label: 1, source: 'yelp' },
  { completion: 'A qualified success.', label: 1 },
  { completion: '很好的电影', label: 1, source: 'film' },
]

const found = (db: WritableDb, id: string, filter: Partial<ExampleFilter>): readonly number[] =>
  pageOfExamples(db, id, { filter: { search: '', ...filter }, offset: 0, limit: 500 }).rows.map(
    (each) => each.row,
  )

describe('a search', () => {
  const search = (text: string): readonly number[] => {
    const db = testRegistry()
    return found(db, importedDataset(db, 'labelled', reviews).id, { search: text })
  }

  it.each([
    ['quali', [1, 2, 5], 'the beginning of a word'],
    ['QUALITY', [1, 2], 'whatever its case'],
    ['cafe', [4], 'whatever its accents'],
    ['café', [4], 'with them, too'],
    ['good quality', [1], 'all words, in any order'],
    ['quality good', [1], 'all words, in any order'],
    ['ality', [], 'not the middle of a word'],
    ["don't", [3], 'a word with an apostrophe'],
    ["don't good", [], 'only rows with all of it'],
    ['电影', [6], 'a script without spaces, anywhere'],
    ['!', [4], 'a sign as it stands'],
    ['., good', [], 'every part of what is typed'],
    ['   ', [1, 2, 3, 4, 5, 6], 'all, when nothing is typed'],
    ['"', [], 'a quote as it stands'],
    ['good" OR "bad', [], 'no language but words'],
    ['qual*', [1, 2, 5], 'a word beside a star'],
    ['completion:good', [], 'no columns'],
    ['NEAR(good price)', [], 'no operators'],
  ])('for %s finds rows %j: %s', (text, rows) => {
    expect(search(text)).toEqual(rows)
  })

  it('stays within its dataset', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'labelled', reviews)
    importedDataset(db, 'text', [{ completion: 'Quality again.' }])
    expect(found(db, id, { search: 'quality' })).toEqual([1, 2])
  })

  it('finds in prompt, completion and rejected', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'preferences', [
      { prompt: 'apple', completion: 'pear', rejected: 'plum' },
    ])
    for (const word of ['apple', 'pear', 'plum', 'plum apple'])
      expect(found(db, id, { search: word })).toEqual([1])
  })

  it('is never a syntax error, whatever is typed', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'labelled', reviews)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({
            unit: fc.constantFrom(
              '"',
              '*',
              'a',
              ' ',
              '(',
              ')',
              '-',
              'O',
              'R',
              ':',
              '^',
              '{',
              "'",
              '\\',
              '\u0301',
              '好',
            ),
          }),
        ),
        (text) => {
          found(db, id, { search: text })
          summaryOf(db, id, { search: text })
        },
      ),
      { numRuns: 500 },
    )
  })

  it('finds the same in the index and, for judgments, without it', () => {
    const unit = fc.constantFrom('a', 'B', 'é', ' ', '-', "'", '1', '好', '!')
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit, minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        fc.string({ unit, maxLength: 4 }),
        (texts, typed) => {
          const db = testRegistry()
          const { id } = importedDataset(
            db,
            'text',
            texts.map((completion) => ({ completion })),
          )
          const expected = texts.flatMap((text, i) =>
            matchesWords([text], searchWords(typed)) ? [i + 1] : [],
          )
          expect(found(db, id, { search: typed })).toEqual(expected)
          db.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a filter', () => {
  it.each([
    [{ label: 1 }, [1, 4, 5, 6]],
    [{ source: 'amazon' }, [1, 2]],
    [{ source: 'amazon', label: 0 }, [2]],
    [{ minCharacters: 21 }, [1, 3]], // 25, 20, 33, 14, 20 and 5 characters
    [{ minCharacters: 6, maxCharacters: 20 }, [2, 4, 5]],
    [{ search: 'quality', label: 1 }, [1]],
    [{ search: 'qual', maxCharacters: 20 }, [2, 5]],
    [{ source: 'none' }, []],
    [{ flaggedOnly: true }, []],
    [{ flaggedOnly: false }, [1, 2, 3, 4, 5, 6]],
  ] as const)('of %j lets through rows %j', (filter, rows) => {
    const db = testRegistry()
    expect(found(db, importedDataset(db, 'labelled', reviews).id, filter)).toEqual(rows)
  })
})

describe('a page', () => {
  it.each<[string, Partial<ExampleFilter>]>([
    ['of all', {}],
    ['of a search', { search: 'text' }],
    ['of a filter', { source: 'even' }],
    ['of both', { search: 'text', source: 'even' }],
  ])('%s holds its rows and the total', (_, filter) => {
    const db = testRegistry()
    const { id } = importedDataset(
      db,
      'text',
      Array.from({ length: 1000 }, (__, i) => ({
        completion: `text ${i + 1}`,
        source: i % 2 ? 'even' : 'odd',
      })),
    )
    const step = filter.source === undefined ? 1 : 2
    const { total, rows } = pageOfExamples(db, id, {
      filter: { search: '', ...filter },
      offset: 100,
      limit: 3,
    })
    expect(total).toBe(1000 / step)
    expect(rows.map((each) => each.row)).toEqual([101 * step, 102 * step, 103 * step])
  })

  it('beyond the end is empty', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'labelled', reviews)
    importedDataset(db, 'text', [{ completion: 'the next dataset' }])
    expect(pageOfExamples(db, id, { filter: { search: '' }, offset: 6, limit: 10 })).toEqual({
      total: 6,
      rows: [],
    })
    expect(pageOfExamples(db, id, { filter: { search: '' }, offset: 4, limit: 10 }).rows).toHaveLength(2)
  })
})

describe('a flag', () => {
  it('is set, found and taken away', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'labelled', reviews)
    const [, second] = pageOfExamples(db, id, { filter: { search: '' }, offset: 0, limit: 2 }).rows as [
      Example,
      Example,
    ]
    flagExample(db, second.id, true)
    expect(found(db, id, { flaggedOnly: true })).toEqual([2])
    flagExample(db, second.id, false)
    expect(found(db, id, { flaggedOnly: true })).toEqual([])
  })

  it.each([0, -1, 7, 2 ** 32, 2 ** 32 + 99, 5 * 2 ** 32 + 1, Number.MAX_SAFE_INTEGER])(
    'on no example (%d) is not found',
    (exampleId) => {
      const db = testRegistry()
      importedDataset(db, 'labelled', reviews)
      expect(() => flagExample(db, exampleId, true)).toThrow('This example no longer exists.')
    },
  )
})

describe('examples for training', () => {
  it('come all, in order, also when they are read by the thousand', () => {
    const db = testRegistry()
    const { id } = importedDataset(
      db,
      'text',
      Array.from({ length: 4321 }, (_, i) => ({ completion: String(i + 1) })),
    )
    expect([...examplesOf(db, id)].map((each) => Number(each.completion))).toEqual(
      Array.from({ length: 4321 }, (_, i) => i + 1),
    )
  })
})
