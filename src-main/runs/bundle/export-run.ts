/** A run into one file for other people: whole or not at all. */
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { ExportedRun } from '../../../src-shared/records/run'
import { StudioFailure } from '../../../src-shared/result'
import { diskFailure } from '../../places/disk-failure'
import { writeZip } from '../../places/zip-writing'
import type { ReadableDb } from '../../store/handle'
import { registryName } from './bundle-files'
import { makeBundle } from './make-bundle'

/** @throws StudioFailure not-found; invalid-input, when there is something at `path` already; storage */
export async function exportRun(db: ReadableDb, runId: string, path: string): Promise<ExportedRun> {
  const file = resolve(path)
  if (existsSync(file))
    throw new StudioFailure({
      kind: 'invalid-input',
      field: 'path',
      problem: `is taken: there is ${file}, and nothing was written over. Choose another name.`,
    })
  let folder: string | undefined
  try {
    folder = await mkdtemp(join(dirname(file), '.unfinished-'))
    const names = await makeBundle(db, runId, folder)
    const bytes = await packBundle(folder, names, join(folder, 'bundle.zip'))
    await rename(join(folder, 'bundle.zip'), file)
    return { path: file, bytes }
  } catch (error) {
    throw diskFailure(error) ?? error
  } finally {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}

/** @returns bytes of the file */
const packBundle = (folder: string, names: readonly string[], file: string): Promise<number> =>
  writeZip(
    file,
    names.map((name) => ({ name, path: join(folder, ...name.split('/')), isPacked: name === registryName })),
  )
