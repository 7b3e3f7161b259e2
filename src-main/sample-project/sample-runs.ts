/**
 * The recorded runs that made the bundled checkpoints: curves, samples, settings and lineage, as `studio show
 * --json` wrote them down when they were trained (scripts/make-checkpoint.mjs). They enter the registry as
 * the finished runs they are.
 */
import { copyFile, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { LogLine, MetricPoint, Run } from '../../src-shared/records/run'
import type { Sample } from '../../src-shared/records/sample'
import { checkpointFacts } from '../model/checkpoint-facts'
import { readModelHeader } from '../model/model-header'
import { besideRegistry } from '../store/checkpoint-files'
import { checkpointName, insertCheckpoint, listCheckpoints } from '../store/checkpoints'
import type { WritableDb } from '../store/handle'
import { listDatasets } from '../store/datasets'
import { appendLog } from '../store/log-lines'
import { appendPoints } from '../store/metric-points'
import { createRun, endRun, listRuns, recordProgress, startRun } from '../store/runs'
import { insertSamples } from '../store/samples'

interface RecordedRun {
  readonly run: Run
  /** Inputs → names of bundled datasets, or of checkpoints of runs recorded before it. */
  readonly inputs: Readonly<Record<string, readonly string[]>>
  readonly samples: readonly Sample[]
  readonly log: readonly LogLine[]
  readonly points: readonly MetricPoint[]
  /** Its last weights, beside this record. */
  readonly file: string
}

/**
 * Those that are not there yet, each whole or not at all.
 * @returns the checkpoints of all of them, in the order of the record
 */
export async function addSampleRuns(
  db: WritableDb,
  folder: string,
  now: () => number,
): Promise<readonly Checkpoint[]> {
  const recorded = JSON.parse(
    await readFile(join(folder, 'runs.json'), 'utf8').catch(nothingRecorded),
  ) as readonly RecordedRun[]
  const checkpoints: Checkpoint[] = []
  for (const each of recorded)
    checkpoints.push(lastCheckpointOf(db, each) ?? (await addRun(db, folder, each, now())))
  return checkpoints
}

function lastCheckpointOf(db: WritableDb, { run }: RecordedRun): Checkpoint | undefined {
  const known = listRuns(db).find(
    ({ name, createdAtMs }) => name === run.name && createdAtMs === run.createdAtMs,
  )
  return known && listCheckpoints(db).find(({ runId }) => runId === known.id)
}

async function addRun(
  db: WritableDb,
  folder: string,
  recorded: RecordedRun,
  nowMs: number,
): Promise<Checkpoint> {
  const { run, file } = recorded
  const path = await copiedWhole(join(folder, file), besideRegistry(db.path, 'checkpoints'), file)
  const facts = checkpointFacts(await readModelHeader(path))
  const { size: bytes } = await stat(path)
  return db.transaction(() => {
    const runId = addRecord(db, recorded)
    const checkpoint = insertCheckpoint(db, {
      name: checkpointName(run.name, run.step),
      runId,
      step: run.step,
      ...facts,
      bytes,
      path,
      createdAtMs: run.endedAtMs ?? nowMs,
    })
    endRun(db, runId, { state: 'finished', endedAtMs: run.endedAtMs ?? nowMs })
    return checkpoint
  })
}

/** The run's row and all that it said. @returns its id here */
function addRecord(db: WritableDb, { run, inputs, samples, log, points }: RecordedRun): string {
  const { name, recipe, settings, device, programVersion, createdAtMs, step, totalSteps } = run
  const { id: runId } = createRun(db, {
    name,
    recipe,
    settings,
    inputs: idsOf(db, inputs),
    device,
    programVersion,
    createdAtMs,
  })
  startRun(db, runId, run.startedAtMs ?? createdAtMs)
  recordProgress(db, runId, { step, totalSteps })
  appendPoints(db, runId, points)
  appendLog(db, runId, log)
  insertSamples(
    db,
    samples.map(({ id: _, checkpointId: __, ...sample }) => ({ ...sample, runId })),
  )
  return runId
}

function idsOf(db: WritableDb, inputs: RecordedRun['inputs']): Run['inputs'] {
  const ids = new Map([...listDatasets(db), ...listCheckpoints(db)].map(({ name, id }) => [name, id]))
  return Object.fromEntries(
    Object.entries(inputs).map(([input, names]) => [input, names.flatMap((name) => ids.get(name) ?? [])]),
  )
}

/** A name that is there stands for a whole file. */
async function copiedWhole(source: string, checkpoints: string, name: string): Promise<string> {
  const folder = join(checkpoints, 'bundled')
  const path = join(folder, name)
  await mkdir(folder, { recursive: true })
  await copyFile(source, `${path}.partial`)
  const file = await open(`${path}.partial`, 'r+')
  await file.sync()
  await file.close()
  await rename(`${path}.partial`, path)
  return path
}

/** A program without bundled checkpoints has nothing to add. */
function nothingRecorded(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '[]'
  throw error
}
