/**
 * The datasets that come with the program: what each is called, and how it comes into a registry, through the
 * normal import.
 */
import { join } from 'node:path'
import type { Dataset } from '../../src-shared/records/dataset'
import { StudioFailure } from '../../src-shared/result'
import { importDataset } from './import-dataset'
import type { WritableDb } from '../store/handle'

/** By their files in resources/datasets. */
const names: Readonly<Record<string, string>> = {
  'sentiment-preference-pairs.jsonl': 'Review preference pairs',
  'sentiment-sentences.jsonl': 'Review sentences',
  'short-english-wordnet.txt': 'Short English sentences',
  'devils-dictionary-qa.jsonl': 'The Devil’s Dictionary',
  'austen-pride-and-prejudice.txt': 'Pride and Prejudice',
  'moby-dick.txt': 'Moby Dick',
  'two-digit-sums.csv': 'Two-digit sums',
  'six-digits.csv': 'Six digits to sort',
}

export interface BundledRequest {
  /** Folder of the files that come with the program. */
  readonly resources: string
  readonly fileName: string
  readonly nowMs: number
}

/**
 * Imports the file; what is in the registry already, under whatever name by now, is not doubled.
 * @throws StudioFailure when no such file comes with the program; cancelled
 */
export async function bundledDataset(
  db: WritableDb,
  { resources, fileName, nowMs }: BundledRequest,
  signal?: AbortSignal,
): Promise<Dataset> {
  const name = Object.hasOwn(names, fileName) ? names[fileName] : undefined
  if (name === undefined)
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'fileName',
      problem: `is not one of the files that come with the studio: ${Object.keys(names).join(', ')}`,
    })
  for await (const { done } of importDataset(
    db,
    { path: join(resources, 'datasets', fileName), name, origin: 'bundled', createdAtMs: nowMs },
    signal,
  )) {
    if (done) return done.dataset
  }
  throw new Error(`the import of ${fileName} did not end`)
}
