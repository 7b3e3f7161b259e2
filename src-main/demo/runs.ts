/** Runs of the demo, through the same functions as the studio's, in this process. */
import { isDeepStrictEqual } from 'node:util'
import type { SettingsValues } from '../../src-shared/fields'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Run, RunInputs, RunUpdate } from '../../src-shared/records/run'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import { executeRun } from '../runs/execute-run'
import { recordRun } from '../runs/run-recorder'
import { checkpointsOfRun } from '../store/checkpoints'
import type { WritableDb } from '../store/handle'
import { createRun, listRuns, runOf, startRun } from '../store/runs'

export interface DemoRegistry {
  readonly db: WritableDb
  readonly resources: string
  /** Id of what trains. */
  readonly device: string
  readonly programVersion: string
  readonly now: () => number
  readonly signal: AbortSignal
}

export interface DemoRun {
  readonly name: string
  readonly recipe: RecipeName
  readonly settings: SettingsValues
  readonly inputs: RunInputs
}

export interface Trained {
  readonly run: Run
  /** Its last. */
  readonly checkpoint: Checkpoint
}

/** Someone pressed Ctrl C. */
export class DemoStopped extends Error {}

/** As `trainInDemo`; a run of the same settings and inputs that has finished before is taken as it is. */
export async function trainedOnce(
  registry: DemoRegistry,
  run: DemoRun,
  onUpdate: (update: RunUpdate) => void,
): Promise<Trained> {
  const { db } = registry
  const wanted = { recipe: run.recipe, settings: run.settings, inputs: run.inputs }
  const known = listRuns(db).find(
    ({ state, recipe, settings, inputs }) =>
      state === 'finished' && isDeepStrictEqual({ recipe, settings, inputs }, wanted),
  )
  const checkpoint = known && checkpointsOfRun(db, known.id).at(-1)
  return known && checkpoint ? { run: known, checkpoint } : trainInDemo(registry, run, onUpdate)
}

/**
 * Runs a training to its end.
 * @param onUpdate hears all that is recorded
 * @throws DemoStopped when the signal stopped it; Error in words when it failed
 */
export async function trainInDemo(
  { db, device, programVersion, now, signal }: DemoRegistry,
  run: DemoRun,
  onUpdate: (update: RunUpdate) => void,
): Promise<Trained> {
  const { id } = createRun(db, { ...run, device, programVersion, createdAtMs: now() })
  startRun(db, id, now())
  const record = recordRun(db, id, now)
  await executeRun({ registryPath: db.path, runId: id }, (event) => onUpdate(record([event])), signal)
  const ended = runOf(db, id)
  if (ended.state === 'stopped')
    throw new DemoStopped(`Stopped at update ${ended.step} of “${ended.name}”, which is saved.`)
  if (ended.state !== 'finished') throw new Error(`“${ended.name}” failed: ${ended.error ?? ''}`)
  const checkpoint = checkpointsOfRun(db, id).at(-1)
  if (!checkpoint) throw new Error(`“${ended.name}” left no checkpoint`)
  return { run: ended, checkpoint }
}
