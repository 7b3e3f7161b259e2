/**
 * A run, all it was made from and all it has become, as a registry of its own in a folder of its own: what goes to
 * other people and to other machines. Judgments go as the rows that they made for it; nothing else of the registry
 * goes. The run keeps its id and files keep their folders, so that what is written there has its place here.
 */
import { constants } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import type { Run, RunInputs } from '../../../src-shared/records/run'
import { StudioFailure } from '../../../src-shared/result'
import { baseFileOf } from '../../model/adapters/base-file'
import { copyRun } from '../../store/bundled-run'
import { besideRegistry } from '../../store/checkpoint-files'
import {
  checkpointIn,
  checkpointOf,
  checkpointsOfRun,
  filesOfCheckpoint,
  insertCheckpoint,
} from '../../store/checkpoints'
import { openRegistry } from '../../store/database'
import { findDataset } from '../../store/datasets'
import type { ReadableDb, WritableDb } from '../../store/handle'
import { runOf } from '../../store/runs'
import { knownTo } from '../run-knows'
import { checkpointFolder, registryName } from './bundle-files'
import { importRows } from './import-rows'

/**
 * @param folder empty
 * @returns the parts of the bundle, each from the folder, with /
 * @throws StudioFailure not-found; refused-file, when a checkpoint's file is not the registry's own
 */
export async function makeBundle(db: ReadableDb, runId: string, folder: string): Promise<readonly string[]> {
  const run = runOf(db, runId)
  const bundle = openRegistry(join(folder, registryName))
  const making: Making = { db, bundle, folder, run, known: new Map(), names: new Set([registryName]) }
  try {
    const inputs: Record<string, string[]> = {}
    for (const [input, ids] of Object.entries(run.inputs))
      for (const id of ids) inputs[input] = [...(inputs[input] ?? []), await inputInto(making, id)]
    copyRun(db, bundle, runId, { inputs: inputs satisfies RunInputs, keepsId: true })
    for (const { id } of checkpointsOfRun(db, runId)) await checkpointInto(making, id, run.id)
    return [...making.names]
  } finally {
    bundle.close()
  }
}

interface Making {
  readonly db: ReadableDb
  readonly bundle: WritableDb
  readonly folder: string
  readonly run: Run
  /** Ids here → ids in the bundle. */
  readonly known: Map<string, string>
  readonly names: Set<string>
}

/** @returns its id in the bundle */
async function inputInto(making: Making, id: string): Promise<string> {
  const known = making.known.get(id)
  if (known !== undefined) return known
  const dataset = findDataset(making.db, id)
  const made = dataset
    ? // its rows as they were when the run was launched
      (await importRows(making.db, making.bundle, dataset, knownTo(making.run))).dataset.id
    : await checkpointInto(making, id)
  making.known.set(id, made)
  return made
}

/** @param runId of the run itself; its inputs come without theirs. @returns its id in the bundle */
async function checkpointInto(making: Making, id: string, runId?: string): Promise<string> {
  const { db, bundle } = making
  const known = making.known.get(id)
  if (known !== undefined && runId === undefined) return known
  const { base: _, runId: __, id: ___, ...facts } = checkpointOf(db, id)
  const files = filesOfCheckpoint(db, id)
  const base = await baseFileOf(files.path)
  const baseId = base === undefined ? undefined : await baseInto(making, base)
  const resumePath = runId === undefined ? undefined : files.resumePath
  const inserted = insertCheckpoint(bundle, {
    ...facts,
    ...(runId !== undefined && { runId }),
    ...(baseId !== undefined && { baseId }),
    path: await fileInto(making, files.path),
    ...(resumePath !== undefined && { resumePath: await fileInto(making, resumePath) }),
  })
  making.known.set(id, inserted.id)
  return inserted.id
}

async function baseInto(making: Making, file: string): Promise<string> {
  const base = checkpointIn(making.db, file)
  if (base) return checkpointInto(making, base.id)
  throw new StudioFailure({
    kind: 'refused-file',
    file: relative(dirname(making.db.path), file),
    problem: 'a checkpoint of this run stands on it, and it is no checkpoint of this registry any more.',
  })
}

async function fileInto({ db, folder, names }: Making, file: string): Promise<string> {
  const inside = relative(besideRegistry(db.path, 'checkpoints'), file).split(sep)
  const target = join(folder, checkpointFolder, ...inside)
  const name = [checkpointFolder, ...inside].join('/')
  if (names.has(name)) return target
  await mkdir(dirname(target), { recursive: true })
  await cp(file, target, { mode: constants.COPYFILE_FICLONE })
  names.add(name)
  return target
}
