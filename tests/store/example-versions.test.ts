import { describe, expect, it } from 'vitest'
import { summaryOf } from '../../src-main/store/dataset-summary'
import { datasetOf } from '../../src-main/store/datasets'
import { markExamples, newestVersion } from '../../src-main/store/example-versions'
import { everyExampleOf, examplesOf, pageOfExamples } from '../../src-main/store/examples'
import type { WritableDb } from '../../src-main/store/handle'
import { judge } from '../../src-main/store/judgments'
import { purgeRemoved, removeDataset } from '../../src-main/store/remove-dataset'
import type { ExampleFilter } from '../../src-shared/records/example'
import { testQueue } from '../helpers/labels'
import { importedDataset, testRegistry } from '../helpers/registry'

const rows = ['one', 'two', 'three', 'four'].map((completion) => ({ completion }))

function fourTexts() {
  const db = testRegistry()
  const { id } = importedDataset(db, 'text', rows)
  const ids = [...everyExampleOf(db, id)].map((each) => each.id)
  return { db, id, ids, all: (row: number) => ids[row - 1]! }
}
const trained = (db: WritableDb, id: string, version?: number) =>
  [...examplesOf(db, id, version === undefined ? {} : { version })].map(({ row }) => row)
const found = (db: WritableDb, id: string, filter: Partial<ExampleFilter>) =>
  pageOfExamples(db, id, { filter: { search: '', ...filter }, offset: 0, limit: 9 }).rows.map(
    ({ row }) => row,
  )

describe('an example that is left out', () => {
  it('is not trained on, is counted, and is found; taken in again it is trained on', () => {
    const { db, id, all } = fourTexts()
    markExamples(db, [{ exampleId: all(2), isExcluded: true }], 5)
    expect(trained(db, id)).toEqual([1, 3, 4])
    expect([...everyExampleOf(db, id)]).toHaveLength(4)
    expect(datasetOf(db, id)).toMatchObject({ rows: 4, excluded: 1 })
    expect(found(db, id, { isExcluded: true })).toEqual([2])
    expect(found(db, id, { isExcluded: false })).toEqual([1, 3, 4])
    expect(found(db, id, { isExcluded: false, search: 't' })).toEqual([3])
    expect(found(db, id, {})).toEqual([1, 2, 3, 4])
    markExamples(db, [{ exampleId: all(2), isExcluded: false }], 6)
    expect(trained(db, id)).toEqual([1, 2, 3, 4])
    expect(datasetOf(db, id)).not.toHaveProperty('excluded')
  })

  it('stays in what a run knew before, whatever is said later', () => {
    const { db, id, all } = fourTexts()
    markExamples(db, [{ exampleId: all(1), isExcluded: true }], 5)
    const then = newestVersion(db)
    markExamples(db, [{ exampleId: all(1), isExcluded: false }], 6)
    markExamples(db, [{ exampleId: all(3), isExcluded: true }], 7)
    expect(trained(db, id, 0)).toEqual([1, 2, 3, 4])
    expect(trained(db, id, then)).toEqual([2, 3, 4])
    expect(trained(db, id)).toEqual([1, 2, 4])
  })

  it('may be one that judgments made', () => {
    const db = testRegistry()
    const { queue, comparisons } = testQueue(db, 2)
    for (const { id } of comparisons)
      judge(db, { comparisonId: id, verdict: 'left', window: 'w', judgedAtMs: 1 })
    const [first] = everyExampleOf(db, queue.datasetId)
    markExamples(db, [{ exampleId: first!.id, isExcluded: true, tags: ['odd'] }], 5)
    expect(trained(db, queue.datasetId)).toEqual([2])
    expect(found(db, queue.datasetId, { isExcluded: true })).toEqual([1])
    expect(found(db, queue.datasetId, { tag: 'odd' })).toEqual([1])
  })

  it('goes with its dataset', async () => {
    const { db, id, all } = fourTexts()
    markExamples(db, [{ exampleId: all(1), tags: ['a'] }], 5)
    removeDataset(db, id)
    await purgeRemoved(db)
    for (const table of ['example_versions', 'marked_examples'])
      expect(db.get(`SELECT count(*) AS n FROM ${table}`)).toEqual({ n: 0 })
  })
})

describe('tags of examples', () => {
  it('are kept each once, counted, and filtered by as they stand', () => {
    const { db, id, all } = fourTexts()
    const odd = 'a "quoted" \\ one'
    markExamples(
      db,
      [1, 2].map((row) => ({ exampleId: all(row), tags: ['long', odd, 'long'] })),
      5,
    )
    markExamples(db, [{ exampleId: all(2), tags: [odd] }], 6)
    markExamples(db, [{ exampleId: all(2), isExcluded: true }], 7)
    expect(summaryOf(db, id, { search: '' }).tags).toEqual([
      { tag: odd, rows: 2 },
      { tag: 'long', rows: 1 },
    ])
    expect(found(db, id, { tag: odd })).toEqual([1, 2])
    expect(found(db, id, { tag: 'long' })).toEqual([1])
    expect(found(db, id, { tag: 'quoted' })).toEqual([])
    expect(found(db, id, { tag: odd, isExcluded: true })).toEqual([2])
    expect(found(db, id, { tag: 'long', search: 'one' })).toEqual([1])
    expect([...everyExampleOf(db, id)][1]).toMatchObject({ tags: [odd], isExcluded: true })
  })
})

describe('marks', () => {
  it('are all kept or none: one row that is not there refuses the rest', () => {
    const { db, id, all } = fourTexts()
    const marks = [all(1), all(4) + 1].map((exampleId) => ({ exampleId, isExcluded: true }))
    expect(() => markExamples(db, marks, 5)).toThrow()
    expect(trained(db, id)).toEqual([1, 2, 3, 4])
  })
})
