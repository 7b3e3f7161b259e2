/**
 * One file into the registry, whole or not at all: read in batches, each stored in a transaction of its own,
 * then shown at once.
 */
import type { DatasetKind, ImportProgress } from '../../src-shared/records/dataset'
import { StudioFailure } from '../../src-shared/result'
import { nameOf, readExamples, type FileReading, type ImportBatch } from '../data/import-file'
import type { FileWish } from '../data/opened-file'
import { termsOf } from '../data/terms'
import { abandonImport, appendExamples, beginImport, finishImport, type StagedImport } from '../store/imports'
import { purgeRemoved } from '../store/remove-dataset'
import type { WritableDb } from '../store/handle'

export interface ImportRequest extends FileWish {
  readonly path: string
  /** Without it the file's name says it. */
  readonly name?: string
  /** What it is said to come from, where that is no file of one's own. */
  readonly cameFrom?: string
  readonly origin: 'bundled' | 'imported'
  /** Without it those of a sample file are known, others are not. */
  readonly terms?: string
  readonly createdAtMs: number
}

/** As `readExamples`, in whichever thread. */
export type ReadFile = (path: string, wish: FileWish, signal?: AbortSignal) => AsyncGenerator<ImportBatch>

/**
 * Yields after each batch, and last with `done`. Aborting, or leaving the loop, drops what was read.
 * @throws StudioFailure refused-file, with line and column; cancelled; storage
 */
export async function* importDataset(
  db: WritableDb,
  request: ImportRequest,
  signal?: AbortSignal,
  read: ReadFile = readExamples,
): AsyncGenerator<ImportProgress> {
  let staged: StagedImport | undefined
  let isDone = false
  try {
    let bytesTotal = 0
    let reading: FileReading | undefined
    for await (const batch of read(request.path, request, signal)) {
      if (signal?.aborted) throw new StudioFailure({ kind: 'cancelled' })
      if (batch.isAfresh && staged) {
        abandonImport(db, staged)
        staged = undefined
      }
      if (!batch.reading) {
        yield { isLooking: true, rows: 0, bytesRead: batch.bytesRead, bytesTotal: batch.bytesTotal }
        continue
      }
      staged ??= begin(db, request, { kind: batch.reading.kind, bytesTotal: batch.bytesTotal })
      appendExamples(db, staged, batch.examples)
      bytesTotal = batch.bytesTotal
      reading = batch.reading
      yield { rows: staged.rows, bytesRead: batch.bytesRead, bytesTotal }
    }
    if (!staged || !reading) throw new Error('a file without examples was not refused')
    const { rows } = staged
    const { columns, notes } = reading
    const finished = finishImport(db, staged, bytesTotal, { columns, notes })
    const done = { ...finished, columns, ...(notes.length > 0 && { notes }) }
    isDone = true
    yield { rows, bytesRead: bytesTotal, bytesTotal, done }
  } finally {
    if (staged && !isDone && db.isOpen) abandonImport(db, staged)
    await purgeRemoved(db)
  }
}

function begin(
  db: WritableDb,
  { path, name, origin, terms, cameFrom, createdAtMs }: ImportRequest,
  { kind, bytesTotal }: { readonly kind: DatasetKind; readonly bytesTotal: number },
): StagedImport {
  const facts = nameOf(path)
  return beginImport(db, {
    name: name ?? facts.name,
    kind,
    origin,
    fileName: cameFrom ?? facts.fileName,
    terms: terms ?? termsOf(facts.fileName, bytesTotal),
    createdAtMs,
  })
}
