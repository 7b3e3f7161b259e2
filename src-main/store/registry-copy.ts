/** A whole copy of an open registry with the files of its checkpoints, also when its own file is gone. */
import fs from 'node:fs'
import { cp, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { StudioFailure } from '../../src-shared/result'
import { besideRegistry } from './checkpoint-files'
import type { WritableDb } from './handle'
import { makeFolder } from './make-folder'
import { inWords } from './storage-problem'

/**
 * @param file must not exist yet
 * @returns where it is
 * @throws StudioFailure invalid-input, when there is something already; storage, when it cannot be written, or
 *   what is open can no longer be read
 */
export async function copyRegistry(db: WritableDb, file: string): Promise<string> {
  const copy = path.resolve(file)
  const checkpoints = besideRegistry(copy, 'checkpoints')
  for (const each of [copy, checkpoints])
    if (fs.existsSync(each))
      throw new StudioFailure({ kind: 'invalid-input', field: 'path', problem: `is taken: there is ${each}` })
  inWords(copy, () => makeFolder(path.dirname(copy)))
  try {
    db.copyTo(copy)
    const own = besideRegistry(db.path, 'checkpoints')
    await mkdir(checkpoints, { recursive: true })
    if (fs.existsSync(own))
      await cp(own, checkpoints, { recursive: true, mode: fs.constants.COPYFILE_FICLONE })
  } catch (error) {
    await Promise.all([copy, checkpoints].map((each) => rm(each, { recursive: true, force: true })))
    throw error
  }
  return copy
}
