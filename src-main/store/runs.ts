/** Runs, from request to end. A run's state only moves along `nextStates`. */
import { StudioFailure } from '../../src-shared/result'
import type { Run, RunInputs, RunState } from '../../src-shared/records/run'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { SettingsValues } from '../../src-shared/fields'
import { idOf, keyIn, keyOf, missing } from './ids'
import { inputsOf, insertInputs } from './run-inputs'
import { newestResumableStep, renameCheckpoints } from './checkpoints'
import { hasLiveAnswers, liveProgress } from './live-questions'
import { judgedRowsOf } from './judged-rows'
import { newestVersion } from './example-versions'
import { judgmentWatermark } from './judgments'
import type { ReadableDb, WritableDb } from './handle'
import { forgetJob } from './remote-jobs'
import { marksIn } from './run-marks'
import { storedJson } from './stored-json'

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
}

/**
 * A queued run; its training set is frozen at the judgments known now.
 * @throws StudioFailure not-found, for an input that is gone
 */
export function createRun(db: WritableDb, run: NewRun): Run {
  return db.transaction(() => {
    const { lastId } = db.run(
      `
      INSERT INTO runs (
        name, recipe, state, settings, judgment_watermark, example_watermark, device, threads, program_version,
        created_at_ms)
      VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?)`,
      run.name,
      run.recipe,
      JSON.stringify(run.settings),
      judgmentWatermark(db),
      newestVersion(db),
      run.device,
      run.threads ?? null,
      run.programVersion,
      run.createdAtMs,
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

/** running → stopping: asked to stop, still saving. */
export const stopRun = (db: WritableDb, runId: string): Run => move(db, runId, 'stopping', () => {})

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
 * Puts a stopped or failed run back into the queue at its newest resumable checkpoint. What it recorded after
 * that step is taken out: the resumed run records it again.
 * @param device on which it goes on; else the one it was on
 * @throws StudioFailure run-not-resumable
 */
export function requeueRun(db: WritableDb, runId: string, device?: string): Run {
  return db.transaction(() => {
    const { resumableStep: step, error, state } = runOf(db, runId)
    if (!nextStates[state].includes('queued'))
      throw notResumable(runId, `This run is ${state}; only a stopped or failed run can be resumed.`)
    if (error === damagedText) throw notResumable(runId, damagedText)
    if (step === undefined)
      throw notResumable(
        runId,
        'This run has no checkpoint to resume from: it ended before its first one. Start it again instead.',
      )
    const key = keyOf('run', runId)
    forgetAfter(db, runId, step)
    return move(db, runId, 'queued', () =>
      db.run(
        'UPDATE runs SET step = ?, device = coalesce(?, device), ended_at_ms = NULL, error = NULL, left_ms = NULL ' +
          'WHERE id = ?',
        step,
        device ?? null,
        key,
      ),
    )
  })
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

interface RunRow {
  id: number
  name: string
  recipe: RecipeName
  state: RunState
  settings: string
  judgment_watermark: number
  example_watermark: number
  device: string
  threads: number | null
  program_version: string
  created_at_ms: number
  started_at_ms: number | null
  ended_at_ms: number | null
  step: number
  total_steps: number
  left_ms: number | null
  error: string | null
  tags: string
  note: string
  is_pinned: number
  shelf: string
}

const damagedText =
  'The settings of this run are damaged in the registry: what it measured and saved is here, but it cannot go on. ' +
  'Launch it again.'

function toRun(db: ReadableDb, row: RunRow): Run {
  const settings = storedJson<SettingsValues>(row.settings)
  const resumableStep = settings && resumableStepOf(db, row)
  const waits = row.state === 'running' ? liveProgress(db, row.id) : undefined
  const error = settings ? row.error : damagedText
  const inputs = inputsOf(db, row.id)
  const judgedRows = judgedRowsOf(db, inputs, row.judgment_watermark)
  return {
    id: idOf('run', row.id),
    name: row.name,
    recipe: row.recipe,
    state: row.state,
    settings: settings ?? {},
    inputs,
    ...(judgedRows && { judgedRows }),
    judgmentWatermark: row.judgment_watermark,
    ...(row.example_watermark > 0 && { exampleWatermark: row.example_watermark }),
    device: row.device,
    ...(row.threads !== null && { threads: row.threads }),
    programVersion: row.program_version,
    createdAtMs: row.created_at_ms,
    step: row.step,
    totalSteps: row.total_steps,
    ...(row.started_at_ms !== null && { startedAtMs: row.started_at_ms }),
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(row.left_ms !== null && { leftMs: row.left_ms }),
    ...(error !== null && { error }),
    ...(waits && { waits }),
    ...(resumableStep !== undefined && { resumableStep }),
    ...marksIn(row),
  }
}

/** What a person said to a run before its first checkpoint is worth going on from, too. */
const resumableStepOf = (db: ReadableDb, { id, step }: RunRow): number | undefined =>
  newestResumableStep(db, id) ?? (step === 0 && hasLiveAnswers(db, id) ? 0 : undefined)
