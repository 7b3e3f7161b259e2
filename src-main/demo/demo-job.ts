/**
 * The main job, stage by stage: each training is a run of the registry, each result a checkpoint, and all of
 * it is measured at the end.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Terminal } from '../cli/terminal'
import { texts } from '../data/training-data'
import { shareWithInterval } from '../maths/interval'
import { openRegistry } from '../store/database'
import { examplesOf } from '../store/examples'
import type { ReadableDb, WritableDb } from '../store/handle'
import { pointsSince } from '../store/metric-points'
import { reportOf as rewardReportOf } from '../store/reward-reports'
import { closing } from './closing'
import { reportHtml } from './html'
import type { ReportedRun } from './html/material'
import { againstLine, measureAll } from './measure'
import type { DemoPlan } from './plan'
import { demoProgress, type DemoProgress } from './progress'
import type { DemoReport, RewardModelAccuracy } from './report'
import type { DemoRegistry, Trained } from './runs'
import { demoDatasets, shares, trainAll, type DemoDatasets, type DemoTrained } from './stages'
import { warningsOf } from './warnings'

export interface DemoOptions {
  /** Gets registry and reports. */
  readonly folder: string
  readonly plan: DemoPlan
  readonly seed: number
  readonly isQuick: boolean
  /** Id of what trains and writes. */
  readonly device: string
  readonly resources: string
  readonly programVersion: string
  readonly terminal: Terminal
  readonly now: () => number
  readonly signal: AbortSignal
}

/** @throws DemoStopped when the signal stops it, after the update under way is saved */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const { folder, plan, resources, device, programVersion, terminal, now, signal } = options
  await mkdir(folder, { recursive: true })
  const db = openRegistry(join(folder, 'registry.sqlite'))
  const registry: DemoRegistry = { db, resources, device, programVersion, now, signal }
  const progress = demoProgress(shares, now)
  try {
    progress.begin('data')
    const datasets = await demoDatasets(registry)
    const { wordnet, sentences, pairs } = datasets
    terminal.note(`${wordnet.rows + sentences.rows} texts and ${pairs.rows} preference pairs in ${db.path}`)
    const trained = await trainAll(registry, datasets, plan, { terminal, progress })
    progress.begin('measure')
    const measured = await measureDemo(db, datasets, trained, options, progress)
    const report = reportOf(measured, accuracyOf(trained.rewardModel, db), options, progress)
    await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`)
    const runs = reportedRuns(db, trained)
    await writeFile(join(folder, 'report.html'), reportHtml({ report, runs, samples: measured.samples }))
    terminal.result(report, (done) => closing(done, folder))
    return report
  } finally {
    db.close()
  }
}

type Measured = Awaited<ReturnType<typeof measureAll>>

function measureDemo(
  db: WritableDb,
  { wordnet, sentences }: DemoDatasets,
  { pretrained, sft, lexicon, learned }: DemoTrained,
  { plan, seed, device, terminal, signal }: DemoOptions,
  progress: DemoProgress,
): Promise<Measured> {
  const trainingTexts = [...texts(examplesOf(db, wordnet.id)), ...texts(examplesOf(db, sentences.id))]
  const trained = { pretrained, sft, 'ppo-lexicon': lexicon, 'ppo-reward-model': learned }
  return measureAll({ db, device, trained, plan, trainingTexts, seed, signal }, (fraction, said) =>
    terminal.progress(progress.line(fraction, said)),
  )
}

function reportOf(
  { stages, line, device }: Measured,
  rewardModel: RewardModelAccuracy,
  { plan, seed, isQuick, programVersion }: DemoOptions,
  progress: DemoProgress,
): DemoReport {
  return {
    stages,
    bestOfN: line.filter(({ n }) => n <= 128),
    rewardModel,
    againstBestOfN: againstLine(stages, line),
    warnings: stages
      .slice(2)
      .flatMap((stage) => warningsOf(stage, stages[1]!).map((text) => ({ name: stage.name, text }))),
    seconds: progress.seconds(),
    settings: {
      pretrain: plan.pretrain,
      sft: plan.sft,
      reward: plan.reward,
      'ppo-lexicon': plan.ppoLexicon,
      'ppo-reward-model': plan.ppoRewardModel,
    },
    texts: plan.texts,
    pool: plan.pool,
    seed,
    isQuick,
    device,
    programVersion,
  }
}

function reportedRuns(db: ReadableDb, { pretrained, sft, rewardModel, lexicon, learned }: DemoTrained) {
  const reported = ({ run }: Trained): ReportedRun => ({
    name: run.name,
    points: pointsSince(db, run.id, -1),
  })
  return {
    pretrain: reported(pretrained),
    sft: reported(sft),
    reward: reported(rewardModel),
    ppoLexicon: reported(lexicon),
    ppoRewardModel: reported(learned),
  }
}

/** By the run's own report: how many pairs it held out, and how many of them it tells apart. */
function accuracyOf({ run }: Trained, db: ReadableDb): RewardModelAccuracy {
  const all = rewardReportOf(db, run.id)?.rows.find(({ part, name }) => part === 'accuracy' && name === 'all')
  const { value: heldOutAccuracy = NaN, count: heldOutPairs = 0 } = all ?? {}
  return {
    heldOutAccuracy,
    heldOutPairs,
    ci95: { heldOutAccuracy: shareWithInterval(heldOutAccuracy * heldOutPairs, heldOutPairs).interval },
  }
}
