import { describe, expect, it } from 'vitest'
import { listDatasets } from '../../src-main/store/datasets'
import { openRegistry } from '../../src-main/store/database'
import type { WritableDb } from '../../src-main/store/handle'
import { examplesOf, pageOfExamples } from '../../src-main/store/examples'
import {
  abandonImport,
  appendExamples,
  beginImport,
  finishImport,
  type StagedImport,
} from '../../src-main/store/imports'
import { purgeRemoved, removeDataset } from '../../src-main/store/remove-dataset'
import { createRun } from '../../src-main/store/runs'
import type { DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { testQueue } from '../helpers/labels'
import { importedDataset, testFolder, testRegistry } from '../helpers/registry'

const begin = (db: WritableDb, kind: DatasetKind = 'text'): StagedImport =>
  beginImport(db, {
    name: 'sentences',
    kind,
    origin: 'imported',
    fileName: 'sentences.txt',
    terms: 'my own',
    createdAtMs: 1,
  })
const texts = (count: number): readonly ExampleParts[] =>
  Array.from({ length: count }, (_, i) => ({ completion: `text ${i + 1}` }))
const rowsLeft = (db: WritableDb): unknown =>
  db.get('SELECT (SELECT count(*) FROM examples) AS examples, (SELECT count(*) FROM datasets) AS datasets')

describe('an import', () => {
  it('is invisible until it is finished', () => {
    const db = testRegistry()
    const staged = begin(db)
    appendExamples(db, staged, texts(3))
    expect(listDatasets(db)).toEqual([])
    const { dataset, isNew } = finishImport(db, staged, 1234)
    expect(isNew).toBe(true)
    expect(listDatasets(db)).toEqual([dataset])
    expect(dataset).toEqual({
      id: 'dataset-1',
      name: 'sentences',
      kind: 'text',
      origin: 'imported',
      rows: 3,
      bytes: 1234,
      fileName: 'sentences.txt',
      terms: 'my own',
      createdAtMs: 1,
    })
  })

  it('numbers its rows from 1 through all batches', () => {
    const db = testRegistry()
    const staged = begin(db)
    for (const batch of [texts(2), texts(1), texts(3)]) appendExamples(db, staged, batch)
    const { dataset } = finishImport(db, staged, 1)
    expect([...examplesOf(db, dataset.id)].map((each) => each.row)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('gives back each example as it came, with nothing where there was nothing', () => {
    const db = testRegistry()
    const examples: readonly ExampleParts[] = [
      { prompt: 'p\n', completion: '', rejected: '\u0000 and 🙂 and é', source: 'a' },
      { prompt: '', completion: 'c', rejected: 'r' },
    ]
    const { id } = importedDataset(db, 'preferences', examples)
    expect(
      [...examplesOf(db, id)].map(({ prompt, completion, rejected, source }) => ({
        prompt,
        completion,
        rejected,
        ...(source !== undefined && { source }),
      })),
    ).toEqual(examples)
    const [first] = pageOfExamples(db, id, { filter: { search: '' }, offset: 1, limit: 1 }).rows
    expect(first).toEqual({
      id: 2 ** 32 + 2,
      datasetId: id,
      row: 2,
      isFlagged: false,
      prompt: '',
      completion: 'c',
      rejected: 'r',
    })
  })

  it('of the same content adds nothing and answers with the dataset that is there', async () => {
    const db = testRegistry()
    const before = importedDataset(db, 'text', texts(600))
    const staged = begin(db)
    appendExamples(db, staged, texts(600).slice(0, 250)) // cut into other batches: the content is the same
    appendExamples(db, staged, texts(600).slice(250))
    expect(finishImport(db, staged, 99)).toEqual({ dataset: before, isNew: false })
    await purgeRemoved(db)
    expect(rowsLeft(db)).toEqual({ examples: 600, datasets: 1 })
  })

  it.each([
    ['another kind', 'prompts', [{ prompt: 'text 1' }]],
    ['one more row', 'text', texts(2)],
    ['a label', 'text', [{ completion: 'text 1', label: 1 }]],
    ['text in another part', 'text', [{ prompt: 'text 1' }]],
  ] as const)('with %s is another dataset', (_, kind, examples) => {
    const db = testRegistry()
    importedDataset(db, 'text', texts(1))
    importedDataset(db, kind, examples)
    expect(listDatasets(db)).toHaveLength(2)
  })

  it('leaves nothing when it is abandoned', async () => {
    const db = testRegistry()
    const staged = begin(db)
    appendExamples(db, staged, texts(1200))
    abandonImport(db, staged)
    await purgeRemoved(db)
    expect(listDatasets(db)).toEqual([])
    expect(rowsLeft(db)).toEqual({ examples: 0, datasets: 0 })
  })

  it('that was under way when the process ended is cleared away at the next start', async () => {
    const folder = testFolder()
    const db = openRegistry(`${folder}/registry.sqlite`)
    appendExamples(db, begin(db), texts(700))
    db.close()
    const again = testRegistry(folder)
    await purgeRemoved(again)
    expect(rowsLeft(again)).toEqual({ examples: 0, datasets: 0 })
  })

  it('does not meet another that runs at the same time', () => {
    const db = testRegistry()
    const [one, two] = [begin(db), begin(db)]
    for (const word of ['a', 'b', 'c']) {
      appendExamples(db, one, [{ completion: `one ${word}` }])
      appendExamples(db, two, [{ completion: `two ${word}` }])
    }
    const { dataset } = finishImport(db, one, 1)
    finishImport(db, two, 1)
    expect([...examplesOf(db, dataset.id)].map((each) => each.completion)).toEqual([
      'one a',
      'one b',
      'one c',
    ])
  })
})

describe('removing a dataset', () => {
  it('hides it at once and clears its rows and its words after', async () => {
    const db = testRegistry()
    const dataset = importedDataset(db, 'text', texts(1300))
    const other = importedDataset(db, 'text', [{ completion: 'stays' }])
    removeDataset(db, dataset.id)
    expect(listDatasets(db)).toEqual([other])
    await purgeRemoved(db)
    expect(rowsLeft(db)).toEqual({ examples: 1, datasets: 1 })
    // throws when index and rows differ
    db.script("INSERT INTO examples_search (examples_search) VALUES ('integrity-check')")
    expect(pageOfExamples(db, other.id, { filter: { search: 'stays' }, offset: 0, limit: 9 }).total).toBe(1)
  })

  it('is refused while a run was made from it, and names the run', () => {
    const db = testRegistry()
    const dataset = importedDataset(db, 'text', texts(3))
    createRun(db, {
      name: 'Happy',
      recipe: 'pretrain',
      settings: {},
      inputs: { texts: [dataset.id] },
      device: 'cpu',
      programVersion: '0.1.0',
      createdAtMs: 1,
    })
    expect(() => removeDataset(db, dataset.id)).toThrow('This dataset is used by the run “Happy” and stays.')
    expect(listDatasets(db)).toEqual([dataset])
  })

  it('is refused for the judgments of a label queue and for its prompts', () => {
    const db = testRegistry()
    const { queue } = testQueue(db)
    expect(() => removeDataset(db, queue.datasetId)).toThrow('the label queue “Films”')
    expect(() => removeDataset(db, queue.promptDatasetId)).toThrow('the label queue “Films”')
  })

  it('never gives its id to another', async () => {
    const db = testRegistry()
    const { id } = importedDataset(db, 'text', texts(1))
    removeDataset(db, id)
    await purgeRemoved(db)
    expect(importedDataset(db, 'text', texts(1)).id).not.toBe(id)
  })

  it.each(['dataset-9', 'dataset-0', 'dataset-1e0', 'run-1', '', 'dataset--1', "dataset-1' OR 1=1"])(
    'of “%s” is not found',
    (id) => {
      const db = testRegistry()
      importedDataset(db, 'text', texts(1))
      expect(() => removeDataset(db, id)).toThrow('This dataset no longer exists.')
    },
  )
})
