/** What a checkpoint is called, also after it is gone. */
import { findCheckpoint } from './checkpoints'
import type { ReadableDb } from './handle'

export const checkpointName = (db: ReadableDb, checkpointId: string | undefined): string =>
  checkpointId === undefined ? 'unknown' : (findCheckpoint(db, checkpointId)?.name ?? checkpointId)
