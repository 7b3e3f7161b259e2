/**
 * One training job from its row to its last checkpoint, in this process: the supervisor's compute process
 * runs it, and the demo and the tests run it in their own. It reads the registry and writes nothing but
 * checkpoint files; what happens goes to `emit`, and `recordRun` (run-recorder.ts) makes rows of it.
 */
import { defaultsOf } from '../../src-shared/fields'
import type { LogLine, Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { breathe } from '../changes/topic'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { fallbackText } from '../compute/placement'
import { loadResume } from '../model/checkpoint'
import { modelShelf, type LoadModel } from '../model/model-shelf'
import type { JobEvent, TrainingJob } from '../processes/messages'
import { resumableCheckpoint } from '../store/checkpoints'
import { openReadOnly } from '../store/database'
import type { ReadableDb } from '../store/handle'
import { runOf } from '../store/runs'
import type { Snapshot, TrainerEvent } from '../trainers/trainer'
import { trainerOf } from '../trainers/trainers'
import { writeCheckpoint } from './checkpoint-writer'
import { reasonOf } from './failure-reason'
import { givenFromRegistry } from './given'

/**
 * @param emit   gets what happens, in order; the last event is always `ended`
 * @param signal stops after the update under way, which is then saved
 */
export async function executeJob(
  job: TrainingJob,
  emit: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const hasFinished = await train(job, emit, signal)
    emit({ kind: 'ended', state: hasFinished ? 'finished' : 'stopped' })
  } catch (error) {
    emit({ kind: 'ended', state: 'failed', error: reasonOf(error) })
  }
}

/** @returns whether it came to its last update */
async function train(
  job: TrainingJob,
  emit: (event: JobEvent) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const db = openReadOnly(job.registryPath)
  try {
    const run = upToDate(runOf(db, job.runId))
    const engine = await openEngine(run.device, run.threads)
    try {
      return await trainOn(engine, { db, run, job, emit, signal })
    } finally {
      engine.dispose()
    }
  } finally {
    db.close()
  }
}

interface Work {
  readonly db: ReadableDb
  readonly run: Run
  readonly job: TrainingJob
  readonly emit: (event: JobEvent) => void
  readonly signal: AbortSignal
}

async function trainOn(engine: Engine, work: Work): Promise<boolean> {
  const { db, run, emit } = work
  const load = modelShelf()
  const resume = await lastSnapshot(db, run, load)
  const how = resume ? `Resumed at update ${resume.resume.step}` : 'Started'
  emit(logLine('info', `${how} on ${engine.device}.`))
  const { start } = trainerOf(run.recipe)
  const trainer = await start(engine, givenFromRegistry(db, run, load), run.settings, resume)
  return follow(trainer, engine, resume?.resume.step ?? 0, work)
}

/**
 * A run that an older version stored has no value for a newer setting: its default is how that version did
 * it.
 */
const upToDate = (run: Run): Run => ({
  ...run,
  settings: { ...defaultsOf(recipeOf(run.recipe).fields), ...run.settings },
})

/**
 * Passes on what the trainer says, keeps its pace, and saves what it has become.
 * @param firstStep updates done before
 */
async function follow(
  trainer: AsyncGenerator<TrainerEvent>,
  engine: Engine,
  firstStep: number,
  { run, job, emit, signal }: Work,
): Promise<boolean> {
  const checkpointEvery = Number(run.settings['checkpointEvery'])
  let totalSteps = 0
  let done = firstStep
  let sinceMs = Date.now()

  async function save(snapshot: Snapshot): Promise<void> {
    const checkpoint = await writeCheckpoint(job.registryPath, run, snapshot)
    emit({ kind: 'checkpoint', checkpoint, atMs: Date.now() })
  }

  /** @returns whether it stops here */
  async function afterUpdate({ step, values, tokens, snapshot }: Update): Promise<boolean> {
    const atMs = Date.now()
    const pace = (tokens * 1000) / Math.max(1, atMs - sinceMs)
    const fallbacks = done === firstStep ? fallbackText(engine.placement()) : undefined
    done = step
    emit({ kind: 'update', step, atMs, values: { ...values, 'pace/tokens': pace } })
    if (fallbacks !== undefined) emit(logLine('info', fallbacks, step))
    await breathe()
    const isStopping = signal.aborted && step < totalSteps
    if (isStopping || step === totalSteps || step % checkpointEvery === 0) await save(snapshot())
    sinceMs = Date.now()
    return isStopping
  }

  for await (const event of trainer) {
    if (event.kind === 'plan') {
      totalSteps = event.totalSteps
      emit({ ...event, step: firstStep })
      if (signal.aborted) return false
    } else if (event.kind === 'update') {
      if (await afterUpdate(event)) return false
    } else if (event.kind === 'samples') {
      emit(event)
    } else {
      emit(logLine(event.level, event.text, done))
    }
  }
  return true
}

type Update = Extract<TrainerEvent, { readonly kind: 'update' }>

/** What the run had become at its newest checkpoint that it can go on from. */
async function lastSnapshot(db: ReadableDb, run: Run, load: LoadModel): Promise<Snapshot | undefined> {
  const last = resumableCheckpoint(db, run.id)
  if (!last?.resumePath) return undefined
  const [{ model }, resume] = await Promise.all([load(last.path), loadResume(last.resumePath)])
  return { model, resume }
}

const logLine = (level: LogLine['level'], text: string, step = 0): JobEvent => ({
  kind: 'log',
  line: { atMs: Date.now(), ...(step > 0 && { step }), level, text },
})
