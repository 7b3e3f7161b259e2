/**
 * What kills have left in the registry's own folder of checkpoints: half-written files, files that no row names and
 * folders with nothing in them. To be called once, when the registry has been opened for writing: no process of an
 * earlier start writes there any more.
 */
import fs from 'node:fs'
import path from 'node:path'
import { besideRegistry, deletableFiles, type FileRow } from './checkpoint-files'
import type { WritableDb } from './handle'

/** Links are neither followed nor deleted: the registry makes none. */
export function sweepCheckpoints(db: WritableDb): void {
  const folder = besideRegistry(db.path, 'checkpoints')
  if (!fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return
  const rows = db.all<FileRow>('SELECT path, resume_path FROM checkpoints')
  const named = new Set(rows.flatMap((row) => deletableFiles(db, [row.path, row.resume_path])))
  sweep(folder, named)
}

/** @returns whether nothing is left in it */
function sweep(folder: string, named: ReadonlySet<string>): boolean {
  const left = fs.readdirSync(folder, { withFileTypes: true }).filter((entry) => {
    const each = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!sweep(each, named)) return true
      fs.rmdirSync(each)
      return false
    }
    if (!entry.isFile() || named.has(each)) return true
    fs.rmSync(each)
    return false
  })
  return left.length === 0
}
