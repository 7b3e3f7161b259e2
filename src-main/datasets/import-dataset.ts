/**
 * One file into the registry, whole or not at all: read in batches, each stored in a transaction of its own,
 * then shown at once.
 */
import type { DatasetKind, ImportProgress } from '../../src-shared/records/dataset'
import { StudioFailure } from '../../src-shared/result'
import { nameOf, readExamples } from '../data/import-file'
import { termsOf } from '../data/terms'
import { abandonImport, appendExamples, beginImport, finishImport, type StagedImport } from '../store/imports'
import { purgeRemoved } from '../store/remove-dataset'
import type { WritableDb } from '../store/handle'

export interface ImportRequest {
  readonly path: string
  /** Without it the file's name says it. */
  readonly name?: string
  /** Without it the columns say it. */
  readonly kind?: DatasetKind
  readonly origin: 'bundled' | 'imported'
  /** Without it those of a sample file are known, others are not. */
  readonly terms?: string
  readonly createdAtMs: number
}

/**
 * Yields after each batch, and last with `done`. Aborting, or leaving the loop, drops what was read.
 * @throws StudioFailure refused-file, with line and column; cancelled; storage
 */
export async function* importDataset(
  db: WritableDb,
  request: ImportRequest,
  signal?: AbortSignal,
): AsyncGenerator<ImportProgress> {
  let staged: StagedImport | undefined
  let isDone = false
  try {
    const facts = nameOf(request.path)
    let bytesTotal = 0
    let notes: readonly string[] = []
    for await (const batch of readExamples(request.path, request.kind)) {
      if (signal?.aborted) throw new StudioFailure({ kind: 'cancelled' })
      staged ??= beginImport(db, {
        name: request.name ?? facts.name,
        kind: batch.kind,
        origin: request.origin,
        fileName: facts.fileName,
        terms: request.terms ?? termsOf(facts.fileName, batch.bytesTotal),
        createdAtMs: request.createdAtMs,
      })
      appendExamples(db, staged, batch.examples)
      bytesTotal = batch.bytesTotal
      notes = batch.notes
      yield { rows: staged.rows, bytesRead: batch.bytesRead, bytesTotal }
    }
    if (!staged) throw new Error('a file without examples was not refused')
    const { rows } = staged
    const done = finishImport(db, staged, bytesTotal)
    isDone = true
    yield { rows, bytesRead: bytesTotal, bytesTotal, done: { ...done, ...(notes.length > 0 && { notes }) } }
  } finally {
    if (staged && !isDone && db.isOpen) abandonImport(db, staged)
    await purgeRemoved(db)
  }
}
