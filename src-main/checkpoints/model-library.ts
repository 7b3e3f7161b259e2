/**
 * Models in and out, in a process of their own: from a folder or file elsewhere to a file beside the
 * registry, and from a checkpoint to a folder elsewhere.
 */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { noFolder } from '../places/no-folder'
import { StudioFailure } from '../../src-shared/result'
import type { ExportedModel, ExportFormat, ExportNumbers } from '../../src-shared/records/checkpoint'
import { loadModel, saveModel } from '../model/checkpoint'
import { checkpointFacts, type CheckpointFacts } from '../model/checkpoint-facts'
import { exportModel } from '../model/exporting/export-model'
import { importModel } from '../model/importing/import-model'
import { besideRegistry } from '../store/checkpoint-files'
import { checkpointOf, filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'

/** A model's file that is wholly on disk; the row for it is main's to write. */
export interface SavedModel extends CheckpointFacts {
  readonly bytes: number
  readonly path: string
}

/** A model that was read from elsewhere. */
export interface ImportedModel extends SavedModel {
  readonly name: string
  readonly licence: string
}

export interface ImportRequest {
  readonly path: string
  /** The checkpoint that an adapter stands on. */
  readonly baseId?: string | undefined
}

export interface ExportRequest {
  readonly checkpointId: string
  readonly format: ExportFormat
  readonly numbers?: ExportNumbers | undefined
  /** Where the new folder is made. */
  readonly folder: string
}

/** Reading is most of the work; what is left is writing the file. */
const readingShare = 0.8

/**
 * The model is wholly read and checked before anything is written. Yields how far it is, 0 … 1, and last the
 * model.
 * @throws StudioFailure refused-file; not-found, when there is no such base; cancelled
 */
export async function* importedModel(
  db: ReadableDb,
  { path, baseId }: ImportRequest,
  signal: AbortSignal,
): AsyncGenerator<number | ImportedModel> {
  yield 0
  const { model, name, licence, lineage } = await importModel(
    fromHome(path),
    signal,
    baseId === undefined ? undefined : filesOfCheckpoint(db, baseId).path,
  )
  if (signal.aborted) throw new StudioFailure({ kind: 'cancelled' })
  yield readingShare

  const folder = join(besideRegistry(db.path, 'checkpoints'), 'imported')
  const file = join(folder, `${randomUUID()}.safetensors`)
  await mkdir(folder, { recursive: true })
  const bytes = await saveModel(file, model, lineage)
  yield { name, licence, ...checkpointFacts(model), bytes, path: file }
}

/** @throws StudioFailure when the folder is not there or full, or the model has no such form */
export async function exportedModel(db: ReadableDb, request: ExportRequest): Promise<ExportedModel> {
  const { checkpointId, format, numbers } = request
  const { name, licence } = checkpointOf(db, checkpointId)
  const folder = fromHome(request.folder)
  await checkFolder(folder)
  const { model, lineage } = await loadModel(filesOfCheckpoint(db, checkpointId).path)
  return exportModel(model, { format, numbers, parent: folder, name, licence, lineage })
}

/** A path as people type it: ~ is their own folder. */
const fromHome = (path: string): string => resolve(path.replace(/^~(?=$|[\\/])/, () => homedir()))

async function checkFolder(folder: string): Promise<void> {
  const problem = await noFolder(folder)
  if (problem !== undefined) throw new StudioFailure({ kind: 'invalid-input', field: 'folder', problem })
}
