/** A registry of its own for a test, in a folder that goes when the test ends. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { openRegistry } from '../../src-main/store/database'
import type { WritableDb } from '../../src-main/store/handle'
import { beginImport, appendExamples, finishImport } from '../../src-main/store/imports'
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import type { ExampleParts } from '../../src-shared/records/example'

export function testFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-test-'))
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function testRegistry(folder = testFolder()): WritableDb {
  const db = openRegistry(path.join(folder, 'registry.sqlite'))
  onTestFinished(() => db.close())
  return db
}

export function importedDataset(
  db: WritableDb,
  kind: DatasetKind,
  examples: readonly ExampleParts[],
  name = 'sentences',
): Dataset {
  const staged = beginImport(db, {
    name,
    kind,
    origin: 'imported',
    fileName: `${name}.jsonl`,
    terms: '',
    createdAtMs: 1,
  })
  appendExamples(db, staged, examples)
  return finishImport(db, staged, 100).dataset
}
