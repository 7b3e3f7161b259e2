/** Checkpoints: a row stands for files that are wholly on disk, in the registry's own folder. */
import type { Checkpoint, ModelKind } from '../../src-shared/records/checkpoint'
import { deletableFiles, openableFiles, placed, type CheckpointFiles, type FileRow } from './checkpoint-files'
import { idOf, keyIn, keyOf, missing } from './ids'
import type { ReadableDb, WritableDb } from './handle'

export interface NewCheckpoint extends Omit<Checkpoint, 'id' | 'licence' | 'base'> {
  /** Without it that of what its run started from. */
  readonly licence?: string
  /** The checkpoint that an imported adapter stands on. */
  readonly baseId?: string
  /** The weights, absolute or from the registry's folder. */
  readonly path: string
  /** Optimizer moments and counters; without it a run cannot be resumed from here. */
  readonly resumePath?: string
}

/** The row, with the name of the one it stands on. */
const columns =
  '*, (SELECT base.name FROM checkpoints AS base WHERE base.id = checkpoints.base_id) AS base_name'

/**
 * A run that comes to the same step again (resumed, or its end on a saved step) renews that step's row.
 * @throws Error when a file is not there yet; StudioFailure not-found when its base is gone
 */
export function insertCheckpoint(db: WritableDb, checkpoint: NewCheckpoint): Checkpoint {
  const runKey = checkpoint.runId === undefined ? null : keyOf('run', checkpoint.runId)
  const resumePath = checkpoint.resumePath === undefined ? null : placed(db, checkpoint.resumePath)
  const baseKey =
    checkpoint.baseId === undefined ? null : keyOf('checkpoint', checkpointOf(db, checkpoint.baseId).id)
  const row = db.get<CheckpointRow>(
    `
    INSERT INTO checkpoints (
      name, kind, run_id, step, architecture, parameters, context_tokens, tokenizer, bytes, licence,
      imported_from, base_id, path, resume_path, created_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (run_id, step) DO UPDATE SET
      name = excluded.name, kind = excluded.kind, architecture = excluded.architecture,
      parameters = excluded.parameters, context_tokens = excluded.context_tokens, tokenizer = excluded.tokenizer,
      bytes = excluded.bytes, licence = excluded.licence, path = excluded.path, resume_path = excluded.resume_path,
      created_at_ms = excluded.created_at_ms
    RETURNING ${columns}`,
    checkpoint.name,
    checkpoint.kind,
    runKey,
    checkpoint.step,
    checkpoint.architecture,
    checkpoint.parameters,
    checkpoint.contextTokens,
    checkpoint.tokenizer,
    checkpoint.bytes,
    checkpoint.licence ?? licenceOfRun(db, runKey),
    checkpoint.importedFrom ?? null,
    baseKey,
    placed(db, checkpoint.path),
    resumePath,
    checkpoint.createdAtMs,
  )
  return toCheckpoint(row as CheckpointRow)
}

/** The licences of all that a run started from. */
function licenceOfRun(db: ReadableDb, runKey: number | null): string {
  const rows = db.all<{ licence: string }>(
    `
    SELECT DISTINCT licence FROM checkpoints
    WHERE licence <> '' AND id IN (SELECT checkpoint_id FROM run_inputs WHERE run_id = ?)
    ORDER BY licence`,
    runKey,
  )
  return rows.map(({ licence }) => licence).join(', ')
}

/** Newest first. */
export function listCheckpoints(db: ReadableDb): readonly Checkpoint[] {
  return db.all<CheckpointRow>(`SELECT ${columns} FROM checkpoints ORDER BY id DESC`).map(toCheckpoint)
}

/** In the order of their steps. */
export function checkpointsOfRun(db: ReadableDb, runId: string): readonly Checkpoint[] {
  return db
    .all<CheckpointRow>(
      `SELECT ${columns} FROM checkpoints WHERE run_id = ? ORDER BY step`,
      keyOf('run', runId),
    )
    .map(toCheckpoint)
}

export function findCheckpoint(db: ReadableDb, checkpointId: string): Checkpoint | undefined {
  const key = keyIn('checkpoint', checkpointId)
  const row =
    key === undefined
      ? undefined
      : db.get<CheckpointRow>(`SELECT ${columns} FROM checkpoints WHERE id = ?`, key)
  return row && toCheckpoint(row)
}

/** The checkpoint whose model is this file, absolute. */
export function checkpointIn(db: ReadableDb, file: string): Checkpoint | undefined {
  const row = db.get<CheckpointRow>(`SELECT ${columns} FROM checkpoints WHERE path = ?`, placed(db, file))
  return row && toCheckpoint(row)
}

/** @throws StudioFailure not-found */
export function checkpointOf(db: ReadableDb, checkpointId: string): Checkpoint {
  return findCheckpoint(db, checkpointId) ?? missing('checkpoint', checkpointId)
}

/**
 * Where the files of a checkpoint lie.
 * @throws StudioFailure not-found, or refused-file when they are not the registry's own
 */
export function filesOfCheckpoint(db: ReadableDb, checkpointId: string): CheckpointFiles {
  const row = db.get<FileRow>(
    'SELECT path, resume_path FROM checkpoints WHERE id = ?',
    keyOf('checkpoint', checkpointId),
  )
  return row ? openableFiles(db, row) : missing('checkpoint', checkpointId)
}

/** @internal to the store. Its files that may be deleted with its row. */
export function deletableFilesOf(db: ReadableDb, checkpointId: string): readonly string[] {
  const row = db.get<FileRow>(
    'SELECT path, resume_path FROM checkpoints WHERE id = ?',
    keyOf('checkpoint', checkpointId),
  )
  return row ? deletableFiles(db, namedBy(row)) : []
}

/** The checkpoints a run can be resumed from, newest first, with their files. */
export function resumableCheckpoints(
  db: ReadableDb,
  runId: string,
): readonly (CheckpointFiles & { readonly checkpoint: Checkpoint })[] {
  return db
    .all<CheckpointRow>(
      `SELECT ${columns} FROM checkpoints WHERE run_id = ? AND resume_path IS NOT NULL ORDER BY step DESC`,
      keyOf('run', runId),
    )
    .map((row) => ({ checkpoint: toCheckpoint(row), ...openableFiles(db, row) }))
}

/**
 * Forgets how to resume from a run's checkpoints before the two newest up to `step`: the older of them is for the day
 * when the newest is damaged. The optimizer's moments take twice the room of the weights.
 * @returns the files, absolute: to be deleted now that no row names them
 */
export function forgetOlderResumes(db: WritableDb, runId: string, step: number): readonly string[] {
  const before = db.get<{ step: number }>(
    'SELECT step FROM checkpoints WHERE run_id = ? AND step < ? AND resume_path IS NOT NULL ORDER BY step DESC',
    keyOf('run', runId),
    step,
  )
  return before ? forgetResumesBefore(db, runId, before.step) : []
}

function forgetResumesBefore(db: WritableDb, runId: string, step: number): readonly string[] {
  return db.transaction(() => {
    const key = keyOf('run', runId)
    const rows = db.all<FileRow>(
      'SELECT path, resume_path FROM checkpoints WHERE run_id = ? AND step < ? AND resume_path IS NOT NULL',
      key,
      step,
    )
    db.run('UPDATE checkpoints SET resume_path = NULL WHERE run_id = ? AND step < ?', key, step)
    return deletableFiles(
      db,
      rows.map((row) => row.resume_path),
    )
  })
}

/** @throws StudioFailure not-found */
export function renameCheckpoint(db: WritableDb, checkpointId: string, name: string): Checkpoint {
  db.run('UPDATE checkpoints SET name = ? WHERE id = ?', name, keyOf('checkpoint', checkpointId))
  return checkpointOf(db, checkpointId)
}

/** A checkpoint is called after its run. */
export const checkpointName = (runName: string, step: number): string => `${runName}, update ${step}`

/** @internal to the store */
export function renameCheckpoints(db: WritableDb, runKey: number, runName: string): void {
  for (const { id, step } of db.all<{ id: number; step: number }>(
    'SELECT id, step FROM checkpoints WHERE run_id = ?',
    runKey,
  )) {
    db.run('UPDATE checkpoints SET name = ? WHERE id = ?', checkpointName(runName, step), id)
  }
}

/** @internal to the store */
export function newestResumableStep(db: ReadableDb, runKey: number): number | undefined {
  return db.get<{ step: number }>(
    'SELECT step FROM checkpoints WHERE run_id = ? AND resume_path IS NOT NULL ORDER BY step DESC LIMIT 1',
    runKey,
  )?.step
}

/** @internal to the store */
export function filesOfRun(db: ReadableDb, runKey: number): readonly string[] {
  return db
    .all<FileRow>('SELECT path, resume_path FROM checkpoints WHERE run_id = ?', runKey)
    .flatMap((row) => deletableFiles(db, namedBy(row)))
}

const namedBy = (row: FileRow): readonly (string | null)[] => [row.path, row.resume_path]

interface CheckpointRow extends FileRow {
  id: number
  name: string
  kind: ModelKind
  run_id: number | null
  step: number
  architecture: string
  parameters: number
  context_tokens: number
  tokenizer: string
  bytes: number
  licence: string
  imported_from: string | null
  base_id: number | null
  base_name: string | null
  created_at_ms: number
}

function toCheckpoint(row: CheckpointRow): Checkpoint {
  return {
    id: idOf('checkpoint', row.id),
    name: row.name,
    kind: row.kind,
    step: row.step,
    architecture: row.architecture,
    parameters: row.parameters,
    contextTokens: row.context_tokens,
    tokenizer: row.tokenizer,
    bytes: row.bytes,
    licence: row.licence,
    createdAtMs: row.created_at_ms,
    ...(row.imported_from !== null && { importedFrom: row.imported_from }),
    ...(row.base_id !== null && { base: { id: idOf('checkpoint', row.base_id), name: row.base_name ?? '' } }),
    ...(row.run_id !== null && { runId: idOf('run', row.run_id) }),
  }
}
