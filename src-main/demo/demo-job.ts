/**
 * The main job, stage by stage: each training is a run of the registry, each result a checkpoint, and all of
 * it is measured at the end.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunUpdate } from '../../src-shared/records/run'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { splitHeldOut } from '../trainers/held-out'
import type { Terminal } from '../cli/terminal'
import { count, duration, metric, table } from '../cli/text'
import { texts } from '../data/training-data'
import { shareWithInterval } from '../maths/interval'
import { openRegistry } from '../store/database'
import type { ReadableDb } from '../store/handle'
import { examplesOf } from '../store/examples'
import { pointsSince } from '../store/metric-points'
import { reportHtml, type ReportedRun } from './html'
import { againstLine, measureAll } from './measure'
import type { DemoPlan } from './plan'
import { demoProgress } from './progress'
import type { DemoReport, RewardModelAccuracy } from './report'
import { bundledDataset, trainInDemo, type DemoRegistry, type DemoRun, type Trained } from './runs'
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

/** Parts of the whole time, as measured on two cores. */
const shares = {
  data: 2,
  pretrain: 430,
  sft: 25,
  reward: 15,
  'ppo-lexicon': 150,
  'ppo-reward-model': 160,
  measure: 45,
} as const
type DemoStage = keyof typeof shares

/** @throws DemoStopped when the signal stops it, after the update under way is saved */
export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const {
    folder,
    plan,
    seed,
    isQuick,
    device: deviceId,
    resources,
    programVersion,
    terminal,
    now,
    signal,
  } = options
  await mkdir(folder, { recursive: true })
  const db = openRegistry(join(folder, 'registry.sqlite'))
  const registry: DemoRegistry = { db, resources, device: deviceId, programVersion, now, signal }
  const progress = demoProgress(shares, now)
  const training = async (stage: DemoStage, run: DemoRun): Promise<Trained> => {
    progress.begin(stage)
    const trained = await trainInDemo(
      registry,
      run,
      showing(terminal, (fraction, said) => progress.line(fraction, said)),
    )
    terminal.note(endLine(trained, db))
    return trained
  }
  try {
    progress.begin('data')
    const wordnet = await bundledDataset(registry, 'short-english-wordnet.txt', 'Short English sentences')
    const sentences = await bundledDataset(registry, 'sentiment-sentences.jsonl', 'Review sentences')
    const pairs = await bundledDataset(
      registry,
      'sentiment-preference-pairs.jsonl',
      'Review preference pairs',
    )
    terminal.note(`${wordnet.rows + sentences.rows} texts and ${pairs.rows} preference pairs in ${db.path}`)

    const pretrained = await training('pretrain', {
      name: 'Pretrain',
      recipe: 'pretrain',
      settings: plan.pretrain,
      inputs: { texts: [wordnet.id, sentences.id] },
    })
    const sft = await training('sft', {
      name: 'SFT on positive sentences',
      recipe: 'sft',
      settings: plan.sft,
      inputs: { policy: [pretrained.checkpoint.id], demonstrations: [sentences.id] },
    })
    const rewardModel = await training('reward', {
      name: 'Reward model',
      recipe: 'reward',
      settings: plan.reward,
      inputs: { base: [sft.checkpoint.id], pairs: [pairs.id] },
    })
    const lexicon = await training('ppo-lexicon', {
      name: 'PPO, lexicon',
      recipe: 'ppo',
      settings: plan.ppoLexicon,
      inputs: { policy: [sft.checkpoint.id] },
    })
    const learned = await training('ppo-reward-model', {
      name: 'PPO, reward model',
      recipe: 'ppo',
      settings: plan.ppoRewardModel,
      inputs: { policy: [sft.checkpoint.id], rewardModel: [rewardModel.checkpoint.id] },
    })

    progress.begin('measure')
    const trainingTexts = [...texts(examplesOf(db, wordnet.id)), ...texts(examplesOf(db, sentences.id))]
    const trained = { pretrained, sft, 'ppo-lexicon': lexicon, 'ppo-reward-model': learned }
    const { stages, samples, line, device } = await measureAll(
      { db, device: deviceId, trained, plan, trainingTexts, seed, signal },
      (fraction, said) => terminal.progress(progress.line(fraction, said)),
    )

    const report: DemoReport = {
      stages,
      bestOfN: line.filter(({ n }) => n <= 128),
      rewardModel: accuracyOf(rewardModel, pairs.rows, db),
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
    const reported = ({ run }: Trained): ReportedRun => ({
      name: run.name,
      points: pointsSince(db, run.id, -1),
    })
    const runs = {
      pretrain: reported(pretrained),
      sft: reported(sft),
      reward: reported(rewardModel),
      ppoLexicon: reported(lexicon),
      ppoRewardModel: reported(learned),
    }
    await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, undefined, 2)}\n`)
    await writeFile(join(folder, 'report.html'), reportHtml({ report, runs, samples }))
    terminal.result(report, (done) => closing(done, folder))
    return report
  } finally {
    db.close()
  }
}

/** The bar of a running stage, with the one number that says how it stands. */
function showing(
  terminal: Terminal,
  lineOf: (fraction: number, said: string) => string,
): (update: RunUpdate) => void {
  let headline = ''
  return ({ run, points = [], log = [] }) => {
    for (const { level, text } of log) if (level === 'alarm') terminal.note(`! ${text}`)
    if (!run || run.totalSteps === 0) return
    const { headline: name } = recipeOf(run.recipe)
    const last = points.findLast((point) => point.name === name)
    if (last) headline = ` · ${metric(name, last.value)}`
    terminal.progress(
      lineOf(run.step / run.totalSteps, `${count(run.step)} of ${count(run.totalSteps)}${headline}`),
    )
  }
}

function endLine({ run }: Trained, db: ReadableDb): string {
  const { headline } = recipeOf(run.recipe)
  const last = pointsSince(db, run.id, -1).findLast(({ name }) => name === headline)
  const took = duration((run.endedAtMs ?? 0) - (run.startedAtMs ?? 0))
  return (
    `${run.name}: ${count(run.totalSteps)} updates in ` +
    `${took}${last ? `, ${headline} ${metric(headline, last.value)}` : ''}`
  )
}

/** @param pairs of the dataset; the run's own split says how many of them were held out */
function accuracyOf({ run }: Trained, pairs: number, db: ReadableDb): RewardModelAccuracy {
  const heldOutAccuracy =
    pointsSince(db, run.id, -1).findLast(({ name }) => name === 'accuracy/held-out')?.value ?? NaN
  const heldOutPairs = splitHeldOut(
    Array.from({ length: pairs }),
    Number(run.settings['heldOutFraction']),
    Number(run.settings['seed']),
  ).heldOut.length
  return {
    heldOutAccuracy,
    heldOutPairs,
    ci95: { heldOutAccuracy: shareWithInterval(heldOutAccuracy * heldOutPairs, heldOutPairs).interval },
  }
}

function closing(
  { stages, warnings, againstBestOfN, rewardModel, seconds }: DemoReport,
  folder: string,
): string {
  const plusMinus = ({ low, high }: { readonly low: number; readonly high: number }): string =>
    `±${((high - low) / 2).toFixed(3)}`
  const percent = (share: number): string => (100 * share).toFixed(1)
  const rows = stages.map((stage) => [
    stage.name,
    `${stage.meanReward.toFixed(3)} ${plusMinus(stage.ci95.meanReward)}`,
    percent(stage.positiveShare),
    percent(stage.judgeShare),
    stage.klToSft.toFixed(2),
    stage.distinct2.toFixed(3),
    stage.meanLength.toFixed(1),
    percent(stage.endedShare),
    percent(stage.copiedShare),
  ])
  return [
    '',
    table(
      [
        'stage',
        'mean reward',
        'positive %',
        'judge %',
        'KL to SFT',
        'distinct-2',
        'characters',
        'ended %',
        'copied %',
      ],
      rows,
    ),
    '',
    `Reward model: ${percent(rewardModel.heldOutAccuracy)} % of ${rewardModel.heldOutPairs} held-out ` +
      'pairs right.',
    ...againstBestOfN.map(
      ({ name, shareOfLine }) =>
        `${name}: ` +
        `${shareOfLine === undefined ? 'beyond the end of the best-of-n line' : `${Math.round(100 * shareOfLine)} % of what best-of-n gains at the same KL`}.`,
    ),
    ...warnings.map(({ name, text }) => `! ${name}: ${text}`),
    `${duration(1000 * Object.values(seconds).reduce((sum, each) => sum + each, 0))} in all. Report: ` +
      `${join(folder, 'report.html')}`,
    `Open it in the studio: npm start -- --registry ${join(folder, 'registry.sqlite')}`,
  ].join('\n')
}
