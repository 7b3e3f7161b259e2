/** Runs, from request to end. A run's state only moves along `nextStates`. */
import { StudioFailure } from '../../src-shared/result'
import type { Run, RunInputs, RunState } from '../../src-shared/records/run'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { SettingsValues } from '../../src-shared/fields'
import { idOf, keyIn, keyOf, missing } from './ids'
import { insertInputs } from './run-inputs'
import { renameCheckpoints } from './checkpoints'
import { newestVersion } from './example-versions'
import { judgmentWatermark } from './judgments'
import type { ReadableDb, WritableDb } from './handle'
import { forgetJob } from './remote-jobs'
import { damagedText, toRun, type RunRow } from './run-row'
import { lastTurn } from './waiting-runs'

const nextStates: Readonly<Record<RunState, readonly RunState[]>> = {
  queued: ['running', 'stopped', 'failed'],
  running: ['stopping', 'finished', 'stopped', 'failed'],
  stopping: ['finished', 'stopped', 'failed'],
  finished: [],
  stopped: ['queued'],
  failed: ['queued'],
}

export interface NewRun {
  readonly name: string
  readonly recipe: RecipeName
  /** The whole parsed settings. */
  readonly settings: SettingsValues
  readonly inputs: RunInputs
  readonly device: string
  readonly threads?: number
  readonly programVersion: string
  readonly createdAtMs: number
  readonly sweepId?: string
}

/**
 * A queued run, behind all that wait; its training set is frozen at the judgments known now.
 * @throws StudioFailure not-found, for an input that is gone
 */
export function createRun(db: WritableDb, run: NewRun): Run {
  return db.transaction(() => {
    const { lastId } = db.run(
      `
      INSERT INTO runs (
        name, recipe, state, settings, judgment_watermark, example_watermark, device, threads, program_version,
        created_at_ms, turn, sweep_id)
      VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      run.name,
      run.recipe,
      JSON.stringify(run.settings),
      judgmentWatermark(db),
      newestVersion(db),
      run.device,
      run.threads ?? null,
      run.programVersion,
      run.createdAtMs,
      lastTurn(db) + 1,
      run.sweepId === undefined ? null : keyOf('sweep', run.sweepId),
    )
    insertInputs(db, lastId, run.inputs)
    return runOf(db, idOf('run', lastId))
  })
}

/** Newest first. */
export function listRuns(db: ReadableDb): readonly Run[] {
  return db.all<RunRow>('SELECT * FROM runs ORDER BY id DESC').map((row) => toRun(db, row))
}

export function findRun(db: ReadableDb, runId: string): Run | undefined {
  const key = keyIn('run', runId)
  const row = key === undefined ? undefined : db.get<RunRow>('SELECT * FROM runs WHERE id = ?', key)
  return row && toRun(db, row)
}

/** @throws StudioFailure not-found */
export function runOf(db: ReadableDb, runId: string): Run {
  return findRun(db, runId) ?? missing('run', runId)
}

/** Its checkpoints go by its name and are renamed with it. */
export function renameRun(db: WritableDb, runId: string, name: string): Run {
  return db.transaction(() => {
    const key = keyOf('run', runId)
    db.run('UPDATE runs SET name = ? WHERE id = ?', name, key)
    renameCheckpoints(db, key, name)
    return runOf(db, runId)
  })
}

/** queued → running. A resumed run keeps the time of its first start. */
export function startRun(db: WritableDb, runId: string, startedAtMs: number): Run {
  return move(db, runId, 'running', () =>
    db.run(
      'UPDATE runs SET started_at_ms = coalesce(started_at_ms, ?) WHERE id = ?',
      startedAtMs,
      keyOf('run', runId),
    ),
  )
}

/** running → stopping: asked to stop, still saving. @param reason why, where nobody pressed a button */
export const stopRun = (db: WritableDb, runId: string, reason?: string): Run =>
  move(db, runId, 'stopping', () =>
    db.run('UPDATE runs SET stop_reason = ? WHERE id = ?', reason ?? null, keyOf('run', runId)),
  )

export interface RunEnd {
  readonly state: 'finished' | 'stopped' | 'failed'
  readonly endedAtMs: number
  /** Why it failed, in words. */
  readonly error?: string
}

export function endRun(db: WritableDb, runId: string, end: RunEnd): Run {
  return move(db, runId, end.state, () => {
    db.run(
      'UPDATE runs SET ended_at_ms = ?, error = ?, left_ms = NULL WHERE id = ?',
      end.endedAtMs,
      end.error ?? null,
      keyOf('run', runId),
    )
    forgetJob(db, runId)
  })
}

export interface RunProgress {
  readonly step: number
  readonly totalSteps: number
  /** At the present pace; left out while it is not known. */
  readonly leftMs?: number
}

export function recordProgress(db: WritableDb, runId: string, progress: RunProgress): Run {
  db.run(
    'UPDATE runs SET step = ?, total_steps = ?, left_ms = ? WHERE id = ?',
    progress.step,
    progress.totalSteps,
    progress.leftMs ?? null,
    keyOf('run', runId),
  )
  return runOf(db, runId)
}

/**
 * Puts a stopped or failed run back into the queue at its newest resumable checkpoint, behind all that wait. What it
 * recorded after that step is taken out: the resumed run records it again.
 * @param on where it goes on, else where it was; and whether one without a checkpoint may begin again
 * @throws StudioFailure run-not-resumable
 */
export function requeueRun(
  db: WritableDb,
  runId: string,
  on: { readonly device?: string; readonly orAfresh?: boolean } = {},
): Run {
  return db.transaction(() => {
    const found = stepToGoOnFrom(runOf(db, runId), on.orAfresh === true)
    forgetAfter(db, runId, found ?? -1)
    const step = found ?? 0
    return move(db, runId, 'queued', () =>
      db.run(
        'UPDATE runs SET step = ?, device = coalesce(?, device), turn = ?, ended_at_ms = NULL, error = NULL, ' +
          'stop_reason = NULL, left_ms = NULL WHERE id = ?',
        step,
        on.device ?? null,
        lastTurn(db) + 1,
        keyOf('run', runId),
      ),
    )
  })
}

function stepToGoOnFrom({ id, resumableStep, error, state }: Run, orAfresh: boolean): number | undefined {
  if (!nextStates[state].includes('queued'))
    throw notResumable(id, `This run is ${state}; only a stopped or failed run can be resumed.`)
  if (error === damagedText) throw notResumable(id, damagedText)
  if (resumableStep === undefined && !orAfresh)
    throw notResumable(
      id,
      'This run has no checkpoint to resume from: it ended before its first one. Start it again instead.',
    )
  return resumableStep
}

/** What a run measured and wrote after a step does not count any more: it goes on from there. */
export function forgetAfter(db: WritableDb, runId: string, step: number): void {
  const key = keyOf('run', runId)
  db.run('DELETE FROM metric_points WHERE run_id = ? AND step > ?', key, step)
  db.run('DELETE FROM samples WHERE run_id = ? AND step > ?', key, step)
  db.run('DELETE FROM reward_reports WHERE run_id = ? AND step > ?', key, step)
}

function move(db: WritableDb, runId: string, state: RunState, change: () => void): Run {
  return db.transaction(() => {
    const before = runOf(db, runId).state
    if (!nextStates[before].includes(state))
      throw new Error(`${runId} is ${before} and cannot become ${state}`)
    db.run('UPDATE runs SET state = ? WHERE id = ?', state, keyOf('run', runId))
    change()
    return runOf(db, runId)
  })
}

const notResumable = (runId: string, problem: string): StudioFailure =>
  new StudioFailure({ kind: 'run-not-resumable', runId, problem })
