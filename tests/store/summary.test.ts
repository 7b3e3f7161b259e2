import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { hasSampleProject, noteSampleProject, registryBytes } from '../../src-main/store/facts'
import type { ExampleParts } from '../../src-shared/records/example'
import { importedDataset, testRegistry } from '../helpers/registry'

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

describe('the summary of a dataset', () => {
  it('counts lengths, sources and labels', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'labelled', [
      { completion: 'a', label: 1, source: 'x' },
      { completion: 'bb', label: 0, source: 'y' },
      { completion: 'dddd', label: 1, source: 'y' },
    ])
    const { histograms, ...rest } = summaryOf(db, id, { search: '' })
    expect(rest).toEqual({
      sources: [
        { source: 'y', rows: 2 },
        { source: 'x', rows: 1 },
      ],
      labels: [
        { label: 0, rows: 1 },
        { label: 1, rows: 2 },
      ],
      usedBy: [],
    })
    expect(histograms).toHaveLength(1)
    expect(histograms[0]).toMatchObject({ part: 'completion', binWidth: 1, median: 2, percentile95: 4 })
    expect(histograms[0]!.all.slice(0, 6)).toEqual([0, 1, 1, 0, 1, 0])
    expect(histograms[0]!.matching).toEqual(histograms[0]!.all)
  })

  it('counts characters, not bytes or units', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'text', [{ completion: 'é🙂é' }]) // 3 characters, 4 units, 8 bytes
    expect(summaryOf(db, id, { search: '' }).histograms[0]).toMatchObject({ median: 3 })
  })

  it('holds the long tail in its last bin', () => {
    const db = testRegistry()
    const rows = Array.from({ length: 999 }, (_, i) => ({ completion: 'x'.repeat(1 + (i % 300)) }))
    const { id } = importedDataset(db, 'text', [...rows, { completion: 'x'.repeat(100_000) }])
    const [histogram] = summaryOf(db, id, { search: '' }).histograms
    expect(histogram!.binWidth).toBe(10) // 99 % are at most 298 characters: 299 / 31 bins, rounded up
    expect(histogram!.all).toHaveLength(32)
    expect(histogram!.all[31]).toBe(1)
    expect(sum(histogram!.all)).toBe(1000)
  })

  it('has a histogram a part that the kind has', () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'preferences', [{ prompt: 'p', completion: 'cc', rejected: 'rrr' }])
    expect(summaryOf(db, id, { search: '' }).histograms.map(({ part, median }) => [part, median])).toEqual([
      ['prompt', 1],
      ['completion', 2],
      ['rejected', 3],
    ])
  })

  it('shows where the rows that match lie, in the bins of all', () => {
    const part = fc.option(fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 60 }), {
      nil: undefined,
    })
    const example = fc.record({
      prompt: part,
      completion: fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength: 1, maxLength: 60 }),
      label: fc.constantFrom(0, 1),
    })
    fc.assert(
      fc.property(
        fc.array(example, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(
          { search: 'a' },
          { search: '', label: 1 },
          { search: 'b', minCharacters: 20 },
          { search: 'a b' },
        ),
        (examples, filter) => {
          const db = testRegistry()
          const { id } = importedDataset(
            db,
            'demonstrations',
            examples.map(({ prompt, ...rest }): ExampleParts => ({
              ...rest,
              ...(prompt !== undefined && { prompt }),
            })),
          )
          const words = filter.search.split(' ').filter((word) => word !== '')
          const isMatch = ({ prompt = '', completion, label }: (typeof examples)[number]): boolean =>
            words.every((word) =>
              `${prompt} ${completion}`.split(' ').some((each) => each.startsWith(word)),
            ) &&
            (!('label' in filter) || label === filter.label) &&
            (!('minCharacters' in filter) || prompt.length + completion.length >= filter.minCharacters!)
          for (const { part: name, binWidth, matching, all } of summaryOf(db, id, filter).histograms) {
            const expected = all.map(() => 0)
            for (const each of examples.filter(isMatch)) {
              const text = each[name as 'prompt' | 'completion']
              if (text !== undefined) expected[Math.min(31, Math.floor(text.length / binWidth))]!++
            }
            expect(matching).toEqual(expected)
          }
          db.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('of an unknown dataset is not found', () => {
    expect(() => summaryOf(testRegistry(), 'dataset-1', { search: '' })).toThrow(
      'This dataset no longer exists.',
    )
  })
})

describe('facts about a registry', () => {
  it('remember that the sample project was put in', () => {
    const db = testRegistry()
    expect(hasSampleProject(db)).toBe(false)
    noteSampleProject(db, 5)
    expect(hasSampleProject(db)).toBe(true)
  })

  it('tell its size on disk', () => {
    const db = testRegistry()
    const before = registryBytes(db)
    importedDataset(db, 'text', [{ completion: 'x'.repeat(100_000) }])
    expect(registryBytes(db)).toBeGreaterThan(before + 100_000)
  })
})
