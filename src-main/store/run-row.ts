/** A run's row as the record that everyone reads. */
import type { SettingsValues } from '../../src-shared/fields'
import type { RecipeName } from '../../src-shared/recipes/recipes'
import type { Run, RunState } from '../../src-shared/records/run'
import { newestResumableStep } from './checkpoints'
import type { ReadableDb } from './handle'
import { idOf } from './ids'
import { judgedRowsOf } from './judged-rows'
import { hasLiveAnswers, liveProgress } from './live-questions'
import { inputsOf } from './run-inputs'
import { marksIn } from './run-marks'
import { storedJson } from './stored-json'

export interface RunRow {
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
  sweep_id: number | null
  turn: number
  stop_reason: string | null
}

export const damagedText =
  'The settings of this run are damaged in the registry: what it measured and saved is here, but it cannot go on. ' +
  'Launch it again.'

export function toRun(db: ReadableDb, row: RunRow): Run {
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
    ...(row.sweep_id !== null && { sweepId: idOf('sweep', row.sweep_id) }),
    ...(row.state === 'queued' && { turn: row.turn }),
    ...(row.stop_reason !== null && isStop(row.state) && { stopReason: row.stop_reason }),
    ...(resumableStep !== undefined && { resumableStep }),
    ...marksIn(row),
  }
}

/** What a person said to a run before its first checkpoint is worth going on from, too. */
const resumableStepOf = (db: ReadableDb, { id, step }: RunRow): number | undefined =>
  newestResumableStep(db, id) ?? (step === 0 && hasLiveAnswers(db, id) ? 0 : undefined)

/** One that had come to its end before it heard of it was not stopped. */
const isStop = (state: RunState): boolean => state === 'stopping' || state === 'stopped'
