/**
 * A run that comes from somebody else, or comes back: unpacked beside the registry, looked at like any file of a
 * stranger, and brought in whole or not at all. What is here already is recognised and not brought in twice.
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { ImportedRun, Run, RunInputs } from '../../../src-shared/records/run'
import { StudioFailure } from '../../../src-shared/result'
import type { ImportedModel, ImportRequest } from '../../checkpoints/model-library'
import { diskFailure } from '../../places/disk-failure'
import { copyContinuation, copyRun, onlyRunIn, sameRunIn, settingsText } from '../../store/bundled-run'
import { besideRegistry } from '../../store/checkpoint-files'
import {
  checkpointName,
  checkpointsOfRun,
  filesOfCheckpoint,
  checkpointOf,
  insertCheckpoint,
  listCheckpoints,
  type NewCheckpoint,
} from '../../store/checkpoints'
import { openRegistry } from '../../store/database'
import { findDataset } from '../../store/datasets'
import { runOf } from '../../store/runs'
import { removeCheckpoint } from '../../store/remove-checkpoint'
import { removeDataset } from '../../store/remove-dataset'
import type { WritableDb } from '../../store/handle'
import { registryName, unpackBundle } from './bundle-files'
import { importRows } from './import-rows'

/** Reads and checks a model, and writes it as a new file beside the registry. */
export type TakeModel = (request: ImportRequest) => Promise<ImportedModel>

export interface RunImporting {
  readonly db: WritableDb
  readonly takeModel: TakeModel
}

/**
 * @throws StudioFailure refused-file, saying what is wrong with it; in-use, when the run that goes on in it is
 *   under way here; storage
 */
export async function importRun({ db, takeModel }: RunImporting, path: string): Promise<ImportedRun> {
  const file = resolve(path)
  const folder = join(besideRegistry(db.path, 'uploads'), randomUUID())
  try {
    await mkdir(folder, { recursive: true })
    await unpackBundle(file, folder)
    const bundle = openRegistry(join(folder, registryName))
    try {
      const run = onlyRunIn(bundle, db, basename(file))
      return await take({ db, bundle, run, takeModel, takeBack: [], known: new Map() })
    } finally {
      bundle.close()
    }
  } catch (error) {
    throw diskFailure(error) ?? error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Taking extends RunImporting {
  readonly bundle: WritableDb
  /** As it is in the bundle. */
  readonly run: Run
  /** What takes back, in this order, all that was brought in when something later fails. */
  readonly takeBack: (() => unknown)[]
  /** Ids in the bundle → ids here. */
  readonly known: Map<string, string>
}

async function take(taking: Taking): Promise<ImportedRun> {
  const { db, bundle, run } = taking
  const here = sameRunIn(db, run, settingsText(bundle, run.id))
  if (here && run.step <= here.step) return { run: here, outcome: 'known' }
  if (here) refuseActive(here)
  try {
    const inputs = here ? undefined : await takeInputs(taking)
    const rows = await takeOwn(taking, here?.step ?? -1)
    return db.transaction(() => {
      const taken = inputs
        ? copyRun(bundle, db, run.id, { inputs, keepsId: false })
        : copyContinuation(bundle, db, run.id, here ?? run)
      for (const row of rows)
        insertCheckpoint(db, { ...row, runId: taken.id, name: checkpointName(taken.name, row.step) })
      return { run: runOf(db, taken.id), outcome: here ? 'continued' : 'new' }
    })
  } catch (error) {
    for (const undo of taking.takeBack) await undo()
    throw error
  }
}

function refuseActive({ state }: Run): void {
  if (state === 'queued' || state === 'running' || state === 'stopping')
    throw new StudioFailure({ kind: 'in-use', what: 'run', by: `its own training here, which is ${state},` })
}

async function takeInputs(taking: Taking): Promise<RunInputs> {
  const inputs: Record<string, string[]> = {}
  for (const [input, ids] of Object.entries(taking.run.inputs))
    for (const id of ids) inputs[input] = [...(inputs[input] ?? []), await takeInput(taking, id)]
  return inputs
}

async function takeInput(taking: Taking, id: string): Promise<string> {
  const { db, bundle, known, takeBack } = taking
  const here = known.get(id)
  if (here !== undefined) return here
  const dataset = findDataset(bundle, id)
  if (!dataset) return takeCheckpoint(taking, id)
  const { dataset: taken, isNew } = await importRows(bundle, db, dataset)
  if (isNew) takeBack.unshift(() => removeDataset(db, taken.id))
  known.set(id, taken.id)
  return taken.id
}

/** @returns the id here of the same file, or of a new row for it */
async function takeCheckpoint(taking: Taking, id: string): Promise<string> {
  const { db, bundle, known, takeBack } = taking
  const taken = known.get(id)
  if (taken !== undefined) return taken
  const { path } = filesOfCheckpoint(bundle, id)
  const same = await sameFileHere(db, path, checkpointOf(bundle, id).bytes)
  if (same) {
    known.set(id, same.id)
    return same.id
  }
  const inserted = insertCheckpoint(db, await readyRow(taking, id)).id
  takeBack.unshift(() => removeCheckpoint(db, inserted))
  known.set(id, inserted)
  return inserted
}

async function sameFileHere(db: WritableDb, path: string, bytes: number): Promise<Checkpoint | undefined> {
  const hash = await hashOf(path)
  for (const each of listCheckpoints(db)) {
    if (each.bytes !== bytes) continue
    if ((await hashOf(filesOfCheckpoint(db, each.id).path).catch(() => undefined)) === hash) return each
  }
  return undefined
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}

/** Checkpoints of the run itself after `step`, each with its files in place and not yet in the registry. */
async function takeOwn(taking: Taking, step: number): Promise<readonly NewCheckpoint[]> {
  const rows: NewCheckpoint[] = []
  for (const each of checkpointsOfRun(taking.bundle, taking.run.id))
    if (each.step > step) rows.push(await readyRow(taking, each.id))
  return rows
}

/** What its row is to say is read from the model itself; the stranger's row is asked for names and times alone. */
async function readyRow(taking: Taking, id: string): Promise<NewCheckpoint> {
  const { bundle, takeModel, takeBack } = taking
  const { name, step, licence, importedFrom, createdAtMs, base } = checkpointOf(bundle, id)
  const files = filesOfCheckpoint(bundle, id)
  const baseId = base && (await takeCheckpoint(taking, base.id))
  const model = await takeModel({ path: files.path, baseId })
  takeBack.unshift(() => rm(model.path, { force: true }))
  const resumePath = files.resumePath && model.path.replace(/safetensors$/, 'resume.safetensors')
  if (files.resumePath !== undefined && resumePath !== undefined) {
    await rename(files.resumePath, resumePath)
    takeBack.unshift(() => rm(resumePath, { force: true }))
  }
  return {
    ...model,
    ...{ name, step, licence, createdAtMs },
    importedFrom: importedFrom ?? `the run “${taking.run.name}”`,
    ...(baseId !== undefined && { baseId }),
    ...(resumePath !== undefined && { resumePath }),
  }
}
