/**
 * What a run says, as rows of the registry. Whoever executes one records it with this: supervisor,
 * command line, demo.
 */
import { rmSync } from 'node:fs'
import { isMetricName } from '../../src-shared/metrics'
import type { MetricPoint, Run, RunUpdate } from '../../src-shared/records/run'
import type { RunEvent, SavedCheckpoint } from '../processes/messages'
import { checkpointName, forgetOlderResumes, insertCheckpoint } from '../store/checkpoints'
import type { WritableDb } from '../store/handle'
import { appendLog } from '../store/log-lines'
import { askLive } from '../store/live-questions'
import { markHeard } from '../store/remote-jobs'
import { appendPoints } from '../store/metric-points'
import { endRun, forgetAfter, recordProgress, runOf } from '../store/runs'
import { replaceReport } from '../store/reward-reports'
import { insertSamples } from '../store/samples'

type UpdateEvent = Extract<RunEvent, { readonly kind: 'update' }>
type CheckpointEvent = Extract<RunEvent, { readonly kind: 'checkpoint' }>

/** Weight of the newest update in the pace that the time left is taken from: about the last twenty count. */
const paceWeight = 0.1

/**
 * Writes each batch of events in one transaction.
 * @param runId a run that is running
 * @returns takes a batch and answers with what is new, as stored: what watchers are told
 */
export function recordRun(
  db: WritableDb,
  runId: string,
  now: () => number,
): (events: readonly RunEvent[]) => RunUpdate {
  const counted = counters(runOf(db, runId))

  function writeRun(events: readonly RunEvent[]): Run {
    const run = recordProgress(db, runId, counted.progress())
    const end = events.find((event) => event.kind === 'ended')
    if (!end) return run
    const error = end.state === 'failed' && { error: end.error }
    return endRun(db, runId, { state: end.state, endedAtMs: now(), ...error })
  }

  return (events) => {
    const { obsolete, ...update } = db.transaction(() => {
      const rewound = rewind(db, runId, events)
      counted.take(events)
      const { checkpoints, ...written } = writeRows(db, runId, events)
      const run = writeRun(events)
      return {
        run,
        ...rewound,
        ...written,
        ...(checkpoints.length > 0 && { checkpoints }),
        obsolete: checkpoints.flatMap(({ step }) => forgetOlderResumes(db, runId, step)),
      }
    })
    for (const file of obsolete) rmSync(file, { force: true, recursive: true })
    return update
  }
}

/** A run that begins before where it had come to records from there again. */
function rewind(db: WritableDb, runId: string, events: readonly RunEvent[]): Pick<RunUpdate, 'rewoundTo'> {
  const plan = events.find((event) => event.kind === 'plan')
  if (!plan || plan.step >= runOf(db, runId).step) return {}
  forgetAfter(db, runId, plan.step)
  return { rewoundTo: plan.step }
}

/** Points, lines of the log, samples, the report and checkpoints; those of which there are none are left out. */
function writeRows(db: WritableDb, runId: string, events: readonly RunEvent[]) {
  const points = events.flatMap((event) => (event.kind === 'update' ? pointsOf(event) : []))
  const log = events.flatMap((event) => (event.kind === 'log' ? [event.line] : []))
  const drawn = events.flatMap((event) => (event.kind === 'samples' ? samplesOf(event, runId) : []))
  const saved = events.filter((event) => event.kind === 'checkpoint')
  const newest = events.findLast((event) => event.kind === 'report')
  const report = newest && { step: newest.step, rows: newest.rows }
  if (report) replaceReport(db, runId, report)
  appendPoints(db, runId, points)
  appendLog(db, runId, log)
  for (const event of events) if (event.kind === 'heard') markHeard(db, runId, event.line)
  for (const event of events) if (event.kind === 'asked') askLive(db, runId, event.questions, event.atMs)
  const samples = insertSamples(db, drawn)
  return {
    ...(points.length > 0 && { points }),
    ...(samples.length > 0 && { samples }),
    ...(log.length > 0 && { log }),
    ...(report && { report }),
    checkpoints: saved.map((event) => insertCheckpoint(db, checkpointRow(runOf(db, runId), event))),
  }
}

/** How far the run is, and how long the rest takes at its pace. */
function counters({ step: firstStep, totalSteps: planned }: Run): {
  take(events: readonly RunEvent[]): void
  progress(): Parameters<typeof recordProgress>[2]
} {
  let step = firstStep
  let totalSteps = planned
  /** By a clock that nobody sets. */
  let lastMs: number | undefined
  let updateMs: number | undefined

  function advance(to: number): void {
    const nowMs = performance.now()
    if (lastMs !== undefined && to > step) {
      const tookMs = (nowMs - lastMs) / (to - step)
      updateMs = updateMs === undefined ? tookMs : updateMs + paceWeight * (tookMs - updateMs)
    }
    lastMs = nowMs
    step = to
  }

  return {
    take: (events) => {
      for (const event of events) if (event.kind === 'plan') ({ step, totalSteps } = event)
      const last = events.findLast((event) => event.kind === 'update')
      if (last) advance(last.step)
    },
    progress: () => ({
      step,
      totalSteps,
      ...(updateMs !== undefined && { leftMs: Math.round((totalSteps - step) * updateMs) }),
    }),
  }
}

const samplesOf = (
  { samples, step }: Extract<RunEvent, { readonly kind: 'samples' }>,
  runId: string,
): Parameters<typeof insertSamples>[1] => samples.map((sample) => ({ ...sample, runId, step }))

/**
 * A value that is no number (the explained variance of a constant) makes no point: the curve has a gap there.
 */
function pointsOf({ step, values }: UpdateEvent): readonly MetricPoint[] {
  return Object.entries(values).flatMap(([name, value]) =>
    isMetricName(name) && Number.isFinite(value) ? [{ step, name, value }] : [],
  )
}

function checkpointRow(
  run: Run,
  { checkpoint, atMs }: CheckpointEvent,
): SavedCheckpoint & { readonly name: string; readonly runId: string; readonly createdAtMs: number } {
  return { ...checkpoint, name: checkpointName(run.name, checkpoint.step), runId: run.id, createdAtMs: atMs }
}
