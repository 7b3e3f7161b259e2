/**
 * One run from its row to its last checkpoint, in this process: the supervisor's compute process
 * runs it, and the demo and the tests run it in their own. It reads the registry and writes nothing but
 * checkpoint files; what happens goes to `emit`, and `recordRun` (run-recorder.ts) makes rows of it.
 */
import type { LogLine, Run } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { StudioFailure } from '../../src-shared/result'
import { breathe } from '../changes/topic'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { fallbackText } from '../compute/placement'
import { heldAs } from '../../src-shared/recipes/trained-part'
import { loadResume } from '../model/checkpoint'
import { modelShelf, type LoadModel } from '../model/model-shelf'
import type { RunEvent, RunAddress } from '../processes/messages'
import { resumableCheckpoints } from '../store/checkpoints'
import { openReadOnly } from '../store/database'
import type { ReadableDb } from '../store/handle'
import { runOf } from '../store/runs'
import type { Snapshot, TrainerEvent } from '../trainers/trainer'
import { trainerOf } from '../trainers/trainers'
import { askPersonOf } from './ask-person'
import { writeCheckpoint } from './checkpoint-writer'
import { reasonOf } from './failure-reason'
import { fittingPrompts } from './fitting-prompts'
import { givenFromRegistry, languageModelIn } from './given'
import { leavableRun, type LeavableRun } from './left-run'
import { upToDate } from './up-to-date'

/**
 * @param emit   gets what happens, in order; the last event is always `ended`
 * @param signal stops after the update under way, which is then saved
 */
export async function executeRun(
  address: RunAddress,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const hasFinished = await train(address, emit, signal)
    emit({ kind: 'ended', state: hasFinished ? 'finished' : 'stopped' })
  } catch (error) {
    emit({ kind: 'ended', state: 'failed', error: reasonOf(error) })
  }
}

/** @returns whether it came to its last update */
async function train(
  { registryPath, runId }: RunAddress,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const db = openReadOnly(registryPath)
  try {
    const run = upToDate(runOf(db, runId))
    const engine = await openEngine(run.device, run.threads)
    try {
      return await trainOn(engine, { registryPath, db, run, emit, signal })
    } finally {
      engine.dispose()
    }
  } finally {
    db.close()
  }
}

interface Work {
  readonly registryPath: string
  readonly db: ReadableDb
  readonly run: Run
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal
}

async function trainOn(engine: Engine, work: Work): Promise<boolean> {
  const { db, run, emit } = work
  const load = modelShelf(heldAs(run.settings))
  const resume = await lastSnapshot(work, load)
  const how = resume ? `Resumed at update ${resume.resume.step}` : 'Started'
  emit(logLine('info', `${how} on ${engine.device}.`))
  const { start } = trainerOf(run.recipe)
  const leavable = leavableRun(work.signal)
  const fit = await fittingPrompts(
    recipeOf(run.recipe),
    run.settings,
    (input) => languageModelIn(db, run, load, input),
    (text) => emit(logLine('info', text)),
  )
  const outside = { ...leavable, fit, askPerson: askPersonOf(db, run.id, emit) }
  const trainer = await start(engine, givenFromRegistry(db, run, load, outside), run.settings, resume)
  return follow(leavable.events(trainer), engine, resume?.resume.step ?? 0, work)
}

/**
 * Passes on what the trainer says, keeps its pace, and saves what it has become.
 * @param firstStep updates done before
 * @returns whether it came to its last update
 */
async function follow(
  events: ReturnType<LeavableRun['events']>,
  engine: Engine,
  firstStep: number,
  work: Work,
): Promise<boolean> {
  const { emit, signal } = work
  const reporter = updateReporter(engine, emit)
  let totalSteps = 0
  let done = firstStep
  let unsaved: Update | undefined
  let isLeft = false

  for await (const event of events) {
    if (event.kind === 'left') {
      isLeft = true
      if (unsaved) await save(unsaved.snapshot(), work)
    } else if (event.kind === 'plan') {
      totalSteps = event.totalSteps
      emit({ ...event, step: firstStep })
      if (signal.aborted) return false
    } else if (event.kind === 'update') {
      done = event.step
      reporter.report(event)
      await breathe()
      const isStopping = signal.aborted && done < totalSteps
      const isKept = isStopping || isSaved(done, totalSteps, work.run)
      if (isKept) await save(event.snapshot(), work)
      unsaved = isKept ? undefined : event
      if (isStopping) return false
      reporter.startClock()
    } else if (event.kind === 'samples' || event.kind === 'report') {
      emit(event)
    } else {
      emit(logLine(event.level, event.text, done))
    }
  }
  return !isLeft
}

type Update = Extract<TrainerEvent, { readonly kind: 'update' }>

interface UpdateReporter {
  report(update: Update): void
  /** From here on the next update takes its time: what saving took is no part of it. */
  startClock(): void
}

/** Says each update with its pace, and at the first what the device left to another. */
function updateReporter(engine: Engine, emit: Work['emit']): UpdateReporter {
  // Not the time of day: whoever sets that clock changes no pace.
  let sinceMs = performance.now()
  let isFirst = true
  return {
    report({ step, values, tokens }) {
      const pace = (tokens * 1000) / Math.max(1, performance.now() - sinceMs)
      const fallbacks = isFirst ? fallbackText(engine.placement()) : undefined
      isFirst = false
      emit({ kind: 'update', step, atMs: Date.now(), values: { ...values, 'pace/tokens': pace } })
      if (fallbacks !== undefined) emit(logLine('info', fallbacks, step))
    },
    startClock() {
      sinceMs = performance.now()
    },
  }
}

const isSaved = (step: number, totalSteps: number, { settings }: Run): boolean =>
  step === totalSteps || step % Number(settings['checkpointEvery']) === 0

async function save(snapshot: Snapshot, { registryPath, run, emit }: Work): Promise<void> {
  const checkpoint = await writeCheckpoint(registryPath, run, snapshot)
  emit({ kind: 'checkpoint', checkpoint, atMs: Date.now() })
}

/**
 * What the run had become at the newest checkpoint that it can go on from: where the last one is damaged, at the one
 * before.
 */
async function lastSnapshot({ db, run, emit }: Work, load: LoadModel): Promise<Snapshot | undefined> {
  let damage: unknown
  for (const { path, resumePath, checkpoint } of resumableCheckpoints(db, run.id)) {
    try {
      const [{ model }, resume] = await Promise.all([load(path), loadResume(resumePath!)])
      return { model, resume }
    } catch (error) {
      if (!isRefusedFile(error)) throw error
      damage ??= error
      const what = `What was saved at update ${checkpoint.step} cannot be used: ${error.message}`
      emit(logLine('alarm', what, checkpoint.step))
    }
  }
  if (damage) throw damage
  return undefined
}

const isRefusedFile = (error: unknown): error is StudioFailure =>
  error instanceof StudioFailure && error.error.kind === 'refused-file'

const logLine = (level: LogLine['level'], text: string, step = 0): RunEvent => ({
  kind: 'log',
  line: { atMs: Date.now(), ...(step > 0 && { step }), level, text },
})
