/**
 * One training job from its row to its last checkpoint, in this process: the supervisor's compute process
 * runs it, and the demo and the tests run it in their own. It reads the registry and writes nothing but
 * checkpoint files; what happens goes to `emit`, and `recordRun` (run-recorder.ts) makes rows of it.
 */
import { defaultsOf } from '../../src-shared/fields'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { errorText, StudioFailure } from '../../src-shared/result'
import type { LogLine, Run } from '../../src-shared/records/run'
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { PretrainSettings } from '../../src-shared/recipes/pretrain'
import type { RewardSettings } from '../../src-shared/recipes/reward'
import type { SftSettings } from '../../src-shared/recipes/sft'
import { breathe } from '../changes/topic'
import { writeCheckpoint } from './checkpoint-writer'
import { DeviceFailure, failureOf } from '../compute/device-failure'
import { openEngine } from '../compute/devices'
import type { Engine } from '../compute/engine'
import { NumericalError } from '../compute/numerical-error'
import { fallbackText } from '../compute/placement'
import { demonstrations, preferencePairs, prompts, ratedTexts } from '../data/training-data'
import type { JobEvent, TrainingJob } from '../processes/messages'
import { examplesIn, languageModelIn, rewardsIn } from './inputs'
import { loadResume } from '../model/checkpoint'
import { modelShelf, type LoadModel } from '../model/model-shelf'
import { resumableCheckpoint } from '../store/checkpoints'
import { openReadOnly } from '../store/database'
import type { ReadableDb } from '../store/handle'
import { runOf } from '../store/runs'
import { trainPpo } from '../trainers/ppo'
import { pretrain } from '../trainers/pretrain'
import { trainRatedReward } from '../trainers/rating'
import { trainRewardModel } from '../trainers/reward'
import { trainSft } from '../trainers/sft'
import type { Snapshot, TrainerEvent } from '../trainers/trainer'

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
    const load = modelShelf()
    const engine = await openEngine(run.device, run.threads)
    try {
      const resume = await lastSnapshot({ db, run, load })
      emit(
        logLine(
          'info',
          resume
            ? `Resumed at update ${resume.resume.step} on ${engine.device}.`
            : `Started on ${engine.device}.`,
        ),
      )
      return await follow(await trainerOf({ db, run, engine, load }, resume), {
        run,
        job,
        engine,
        firstStep: resume?.resume.step ?? 0,
        emit,
        signal,
      })
    } finally {
      engine.dispose()
    }
  } finally {
    db.close()
  }
}

/**
 * A run that an older version stored has no value for a newer setting: its default is how that version did
 * it.
 */
const upToDate = (run: Run): Run => ({
  ...run,
  settings: { ...defaultsOf(recipeOf(run.recipe).fields), ...run.settings },
})

/** What a trainer is made from. */
interface Materials {
  readonly db: ReadableDb
  readonly run: Run
  readonly engine: Engine
  readonly load: LoadModel
}

interface Work {
  readonly run: Run
  readonly job: TrainingJob
  readonly engine: Engine
  /** Updates done before. */
  readonly firstStep: number
  readonly emit: (event: JobEvent) => void
  readonly signal: AbortSignal
}

/** Passes on what the trainer says, keeps its pace, and saves what it has become. */
async function follow(
  trainer: AsyncGenerator<TrainerEvent>,
  { run, job, engine, firstStep, emit, signal }: Work,
): Promise<boolean> {
  const checkpointEvery = Number(run.settings['checkpointEvery'])
  let totalSteps = 0
  let done = firstStep
  let sinceMs = Date.now()
  for await (const event of trainer) {
    if (event.kind === 'plan') {
      totalSteps = event.totalSteps
      emit({ ...event, step: firstStep })
      if (signal.aborted) return false
    } else if (event.kind === 'update') {
      const { step, values, tokens, snapshot } = event
      const atMs = Date.now()
      const fallbacks = done === firstStep ? fallbackText(engine.placement()) : undefined
      done = step
      emit({
        kind: 'update',
        step,
        atMs,
        values: { ...values, 'pace/tokens': (tokens * 1000) / Math.max(1, atMs - sinceMs) },
      })
      if (fallbacks !== undefined) emit(logLine('info', fallbacks, step))
      await breathe()
      const isStopping = signal.aborted && step < totalSteps
      if (isStopping || step === totalSteps || step % checkpointEvery === 0) {
        emit({
          kind: 'checkpoint',
          checkpoint: await writeCheckpoint(job.registryPath, run, snapshot()),
          atMs: Date.now(),
        })
      }
      if (isStopping) return false
      sinceMs = Date.now()
    } else if (event.kind === 'samples') {
      emit(event)
    } else {
      emit(logLine(event.level, event.text, done))
    }
  }
  return true
}

async function trainerOf(
  { db, run, engine, load }: Materials,
  resume: Snapshot | undefined,
): Promise<AsyncGenerator<TrainerEvent>> {
  switch (run.recipe) {
    case 'pretrain':
      return pretrain(
        engine,
        demonstrations(examplesIn(db, run, 'texts')),
        run.settings as PretrainSettings,
        resume,
      )
    case 'sft': {
      const settings = run.settings as SftSettings
      return trainSft(
        engine,
        await languageModelIn(db, run, 'policy', load),
        demonstrations(examplesIn(db, run, 'demonstrations'), settings.label),
        settings,
        resume,
      )
    }
    case 'reward': {
      const settings = run.settings as RewardSettings
      const base = await languageModelIn(db, run, 'base', load)
      if (settings.learnFrom === 'ratings')
        return trainRatedReward(engine, base, ratedTexts(examplesIn(db, run, 'ratings')), settings, resume)
      return trainRewardModel(engine, base, preferencePairs(examplesIn(db, run, 'pairs')), settings, resume)
    }
    case 'ppo': {
      const inputs = {
        policy: await languageModelIn(db, run, 'policy', load),
        rewards: await rewardsIn(db, run, engine, load),
        prompts: prompts(examplesIn(db, run, 'prompts')),
      }
      return trainPpo(engine, inputs, run.settings as PpoSettings, resume)
    }
  }
}

async function lastSnapshot({
  db,
  run,
  load,
}: Pick<Materials, 'db' | 'run' | 'load'>): Promise<Snapshot | undefined> {
  const last = resumableCheckpoint(db, run.id)
  if (!last?.resumePath) return undefined
  const [{ model }, resume] = await Promise.all([load(last.path), loadResume(last.resumePath)])
  return { model, resume }
}

const logLine = (level: LogLine['level'], text: string, step = 0): JobEvent => ({
  kind: 'log',
  line: { atMs: Date.now(), ...(step > 0 && { step }), level, text },
})

function reasonOf(thrown: unknown): string {
  const error = failureOf(thrown)
  if (error instanceof StudioFailure) return errorText(error.error)
  if (error instanceof NumericalError)
    return (
      `${asSentence(error.message)} Training stopped itself before the bad weights were kept: lower the ` +
      'learning rate or the gradient clip.'
    )
  if (error instanceof DeviceFailure)
    return `${asSentence(error.message)} The run can go on from its newest checkpoint.`
  console.error(error)
  return errorText({ kind: 'bug', message: error instanceof Error ? error.message : String(error) })
}

const asSentence = (message: string): string =>
  `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.?$/, '.')}`
