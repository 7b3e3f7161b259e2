/**
 * `demo --real`: a pretrained chat model learns to define words as a dictionary does (SFT), is compared with itself by
 * a gold rule, and learns from those comparisons in two ways: DPO on the pairs, and PPO against a reward model trained
 * on the same pairs. All of it with LoRA, each step a run of the registry; what has finished is not done again.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { RunInputs } from '../../../src-shared/records/run'
import type { RecipeName } from '../../../src-shared/recipes/recipes'
import { importedModel } from '../../checkpoints/model-library'
import { duration, table } from '../../cli/text'
import { openEngine } from '../../compute/devices'
import { openRegistry } from '../../store/database'
import { insertCheckpoint, listCheckpoints } from '../../store/checkpoints'
import { pointsSince } from '../../store/metric-points'
import type { DemoOptions } from '../demo-job'
import { languageModelOf } from '../measure'
import { trainedOnce, type DemoRegistry, type Trained } from '../runs'
import { judgedPairs, winRate, written, type WinRate, type Writing, type Written } from './comparisons'
import type { RealPlan } from './plan'
import { datasetOf, wordsFor, type Words } from './words'

export type RealOptions = Omit<DemoOptions, 'plan'> & {
  readonly plan: RealPlan
  /** A folder or file of a pretrained model. */
  readonly model: string
}

export interface RealReport {
  readonly model: string
  readonly parameters: number
  readonly pairs: number
  readonly rewardModelAccuracy: number
  readonly contenders: readonly (WinRate & { readonly name: string; readonly shown: readonly Written[] })[]
  readonly seconds: Readonly<Record<string, number>>
  readonly seed: number
  readonly isQuick: boolean
  readonly device: string
  readonly programVersion: string
}

/** Texts of each that are kept for people. */
const shown = 6

/** @throws DemoStopped when the signal stops it; Error in words */
export async function runReal(options: RealOptions): Promise<RealReport> {
  const { folder, device, terminal, now } = options
  await mkdir(folder, { recursive: true })
  const db = openRegistry(join(folder, 'registry.sqlite'))
  const engine = await openEngine(device)
  const clock = stopwatch(now)
  try {
    const course: Course = {
      registry: { ...options, db },
      options,
      clock,
      writing: { engine, maxTokens: 0, seed: options.seed },
    }
    const report = await realReport(course)
    await writeFile(join(folder, 'real.json'), `${JSON.stringify(report, undefined, 2)}\n`)
    terminal.result(report, (done) => closing(done, folder))
    return report
  } finally {
    engine.dispose()
    db.close()
  }
}

interface Course {
  readonly registry: DemoRegistry
  readonly options: RealOptions
  readonly clock: Stopwatch
  readonly writing: Writing
}

async function realReport(course: Course): Promise<RealReport> {
  const { registry, options, clock } = course
  const { plan, seed, isQuick, programVersion } = options
  const start = await clock.of('model', () => imported(registry, options.model))
  const model = await languageModelOf(registry.db, start)
  const words = await wordsFor(model, registry, plan)
  const writing = { ...course.writing, maxTokens: words.maxTokens }
  const train = trainingIn({ ...course, writing })

  const sft = await train('SFT on definitions', 'sft', {
    policy: [start.id],
    demonstrations: [words.demonstrations.id],
  })
  const pairs = await clock.of('comparisons', () =>
    comparedPairs({ ...course, writing }, sft.checkpoint, words),
  )
  options.terminal.note(`${pairs.rows} pairs of ${words.asked.length} words, labelled by the gold rule`)
  const policy = [sft.checkpoint.id]
  const rewardModel = await train('Reward model', 'reward', { base: policy, pairs: [pairs.id] })
  const prompts = [pairs.id]
  const dpo = await train('DPO', 'dpo', { policy, pairs: [pairs.id] })
  const ppo = await train('PPO', 'ppo', { policy, rewardModel: [rewardModel.checkpoint.id], prompts })
  const contenders = await clock.of('win rates', () =>
    rated({ ...course, writing }, { sft, dpo, ppo }, words),
  )
  return {
    model: start.name,
    parameters: start.parameters,
    pairs: pairs.rows,
    rewardModelAccuracy: heldOutAccuracy(registry, rewardModel),
    contenders,
    seconds: clock.seconds(),
    ...{ seed, isQuick, programVersion, device: course.writing.engine.device },
  }
}

type RealRecipe = Extract<RecipeName, 'sft' | 'reward' | 'dpo' | 'ppo'>

/** Trains a step to its end, and says so. */
function trainingIn({ registry, options, clock, writing }: Course) {
  const { terminal, plan } = options
  return (name: string, recipe: RealRecipe, inputs: RunInputs): Promise<Trained> =>
    clock.of(name, async () => {
      const settings = recipe === 'ppo' ? { ...plan.ppo, maxTokens: writing.maxTokens } : plan[recipe]
      const trained = await trainedOnce(registry, { name, recipe, settings, inputs }, ({ run }) => {
        if (run && run.totalSteps > 0) terminal.progress(`${name} · ${run.step} of ${run.totalSteps}`)
      })
      terminal.note(`${name}: ${trained.run.totalSteps} updates`)
      return trained
    })
}

/** The model of this name that was imported before, or the file's. */
async function imported({ db, now, signal }: DemoRegistry, path: string): Promise<Checkpoint> {
  const importedFrom = basename(path)
  const known = listCheckpoints(db).find((each) => each.importedFrom === importedFrom)
  if (known) return known
  for await (const each of importedModel(db, { path }, signal))
    if (typeof each !== 'number')
      return insertCheckpoint(db, { ...each, step: 0, importedFrom, createdAtMs: now() })
  throw new Error(`${path} gave no model`)
}

async function comparedPairs({ registry, writing, options }: Course, sft: Checkpoint, { asked }: Words) {
  const model = await languageModelOf(registry.db, sft)
  options.terminal.progress(`${2 * asked.length} definitions to compare`)
  const first = await written(writing, model, asked, 'first')
  const second = await written(writing, model, asked, 'second')
  const pairs = judgedPairs(first, second)
  if (pairs.length < 2)
    throw new Error(
      'The gold rule tells no two of the model’s texts apart: nothing can be learned from that.',
    )
  return datasetOf(registry, 'Definitions compared by the gold rule', 'preferences', pairs)
}

/** The fine-tuned model and both policies on the words kept for the end. */
async function rated(
  { registry, writing, options }: Course,
  trained: Readonly<Record<'sft' | 'dpo' | 'ppo', Trained>>,
  { heldOut }: Words,
): Promise<RealReport['contenders']> {
  const drawn: { readonly name: string; readonly draws: readonly (readonly Written[])[] }[] = []
  for (const [name, { checkpoint }] of Object.entries(trained)) {
    options.terminal.progress(`${name} defines ${heldOut.length} words`)
    const model = await languageModelOf(registry.db, checkpoint)
    const draws = [
      await written(writing, model, heldOut, `${name} 1`),
      await written(writing, model, heldOut, `${name} 2`),
    ]
    drawn.push({ name, draws })
  }
  const start = drawn[0]!.draws
  return drawn.map(({ name, draws }) => ({
    name,
    ...winRate(draws, start),
    shown: draws[0]!.slice(0, shown),
  }))
}

const heldOutAccuracy = ({ db }: DemoRegistry, { run }: Trained): number =>
  pointsSince(db, run.id, -1).findLast(({ name }) => name === 'accuracy/held-out')?.value ?? NaN

interface Stopwatch {
  of<T>(name: string, work: () => Promise<T>): Promise<T>
  seconds(): Readonly<Record<string, number>>
}

function stopwatch(now: () => number): Stopwatch {
  const took: Record<string, number> = {}
  return {
    async of(name, work) {
      const startedMs = now()
      const done = await work()
      took[name] = (now() - startedMs) / 1000
      return done
    },
    seconds: () => ({ ...took }),
  }
}

function closing(report: RealReport, folder: string): string {
  const { contenders, pairs, rewardModelAccuracy, seconds, model } = report
  const total = Object.values(seconds).reduce((sum, each) => sum + each, 0)
  const percent = (share: number): string => (100 * share).toFixed(0)
  const rows = contenders.map(({ name, winRate: won, ci95, meanGold, meanLength, endedShare }) => [
    name,
    `${percent(won)} % (${percent(ci95.low)} … ${percent(ci95.high)})`,
    meanGold.toFixed(3),
    meanLength.toFixed(0),
    `${percent(endedShare)} %`,
  ])
  return [
    '',
    `${model}, ${pairs} comparisons; the reward model ranks ${percent(rewardModelAccuracy)} % of held-out ones right.`,
    '',
    table(['model', 'wins against SFT', 'mean gold', 'characters', 'ended'], rows),
    '',
    `${duration(1000 * total)} in all. Report: ${join(folder, 'real.json')}`,
    `Open it in the studio: npm start -- --registry ${join(folder, 'registry.sqlite')}`,
  ].join('\n')
}
