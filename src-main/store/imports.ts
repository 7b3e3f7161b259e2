/**
 * Importing in stages: an invisible dataset is filled in short transactions, so that the window never waits,
 * and shown when it is whole. Until then nobody can see it, and what a killed import leaves is cleared away
 * when the registry is next opened.
 */
import { createHash, type Hash } from 'node:crypto'
import type { Dataset, DatasetReading } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'
import { datasetByContent, datasetOf } from './datasets'
import { exampleKey } from './example-keys'
import { idOf } from './ids'
import { characters, count, emptyTally, summarize, type Tally } from './lengths'
import type { SqlValue, WritableDb } from './handle'
import { columnsOfParts } from './turns'

export interface NewDataset extends Pick<Dataset, 'name' | 'kind' | 'fileName' | 'terms' | 'createdAtMs'> {
  readonly origin: 'bundled' | 'imported'
}

/** An import under way. */
export interface StagedImport {
  readonly datasetKey: number
  readonly hash: Hash
  readonly tally: Tally
  rows: number
}

export function beginImport(db: WritableDb, dataset: NewDataset): StagedImport {
  const { lastId } = db.run(
    `
    INSERT INTO datasets (name, kind, origin, state, rows, bytes, file_name, terms, created_at_ms)
    VALUES (?, ?, ?, 'importing', 0, 0, ?, ?, ?)`,
    dataset.name,
    dataset.kind,
    dataset.origin,
    dataset.fileName,
    dataset.terms,
    dataset.createdAtMs,
  )
  return { datasetKey: lastId, hash: createHash('sha256').update(dataset.kind), tally: emptyTally(), rows: 0 }
}

/** One transaction: about 25 ms for 1,000 short rows, so keep batches near that. */
export function appendExamples(
  db: WritableDb,
  staged: StagedImport,
  examples: readonly ExampleParts[],
): void {
  const keyOfRow = (index: number): number => exampleKey(staged.datasetKey, staged.rows + 1 + index)
  db.transaction(() => {
    db.runEach(
      insertExample,
      examples.map((example, index) => valuesOf(keyOfRow(index), example)),
    )
    db.run(insertSearched, keyOfRow(0), keyOfRow(examples.length - 1))
  })
  staged.hash.update(examples.map((example) => JSON.stringify(contentOf(example))).join(''))
  for (const example of examples) count(staged.tally, example)
  staged.rows += examples.length
}

/** What makes a dataset another. What came later is there only where an example has it: older hashes stay right. */
function contentOf(example: ExampleParts): readonly unknown[] {
  const { prompt, completion, rejected, label, source, margin, candidates, steps } = example
  const later = margin ?? candidates ?? steps
  if (later === undefined) return [prompt, completion, rejected, label, source]
  const given = [margin, candidates, steps].filter((each) => each !== undefined)
  return [prompt, completion, rejected, label, source, ...given]
}

/**
 * Shows the dataset, or, when the same content of the same kind is there already, drops the staged rows and
 * answers with that one. Dropped rows are cleared by `purgeRemoved`.
 * @param bytes    size of the file it came from
 * @param reading  how that was read; nothing where no file was
 */
export function finishImport(
  db: WritableDb,
  staged: StagedImport,
  bytes: number,
  reading?: DatasetReading,
): { readonly dataset: Dataset; readonly isNew: boolean } {
  if (staged.rows === 0) throw new Error('an import without rows cannot be finished')
  const contentHash = staged.hash.digest('hex')
  return db.transaction(() => {
    const known = datasetByContent(db, contentHash)
    if (known) {
      abandonImport(db, staged)
      return { dataset: known, isNew: false }
    }
    db.run(
      `
      UPDATE datasets SET state = 'ready', rows = ?, bytes = ?, content_hash = ?, summary = ?, reading = ?
      WHERE id = ?`,
      staged.rows,
      bytes,
      contentHash,
      JSON.stringify(summarize(staged.tally)),
      reading ? JSON.stringify(reading) : null,
      staged.datasetKey,
    )
    return { dataset: datasetOf(db, idOf('dataset', staged.datasetKey)), isNew: true }
  })
}

/** Gives up an import. Its rows are cleared by `purgeRemoved`. */
export function abandonImport(db: WritableDb, staged: StagedImport): void {
  db.run("UPDATE datasets SET state = 'removing' WHERE id = ?", staged.datasetKey)
}

const insertExample = `
  INSERT INTO examples (
    id, label, source, prompt_characters, completion_characters, rejected_characters,
    prompt, completion, rejected, turns)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const insertSearched = `
  INSERT INTO examples_search (rowid, prompt, completion, rejected)
  SELECT id, prompt, completion, rejected FROM examples WHERE id BETWEEN ? AND ?`

function valuesOf(key: number, example: ExampleParts): readonly SqlValue[] {
  const { prompt, completion, rejected, turns } = columnsOfParts(example)
  return [
    key,
    example.label ?? null,
    example.source ?? null,
    lengthOf(prompt),
    lengthOf(completion),
    lengthOf(rejected),
    prompt,
    completion,
    rejected,
    turns,
  ]
}

const lengthOf = (text: string | null): number | null => (text === null ? null : characters(text))
