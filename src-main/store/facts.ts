/** Facts about this registry as a whole. */
import fs from 'node:fs'
import type { ReadableDb, WritableDb } from './handle'

/** Whether the sample project was put in once; a person who then removes it does not get it back. */
export function hasSampleProject(db: ReadableDb): boolean {
  return db.get('SELECT 1 FROM registry WHERE sample_project_made_at_ms IS NOT NULL') !== undefined
}

export function noteSampleProject(db: WritableDb, atMs: number): void {
  db.run('UPDATE registry SET sample_project_made_at_ms = ?', atMs)
}

/** Bytes of the registry on disk: its file and what is not yet folded into it; checkpoints not counted. */
export function registryBytes(db: ReadableDb): number {
  return [db.path, `${db.path}-wal`].reduce(
    (bytes, file) => bytes + (fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
