/** The demo's datasets and its five trainings, one made from another. */
import type { RunUpdate } from '../../src-shared/records/run'
import type { Dataset } from '../../src-shared/records/dataset'
import { recipeOf } from '../../src-shared/recipes/recipes'
import { bundledDataset } from '../datasets/bundled-datasets'
import type { Terminal } from '../cli/terminal'
import { count, duration, metric } from '../cli/text'
import type { ReadableDb } from '../store/handle'
import { pointsSince } from '../store/metric-points'
import type { DemoPlan } from './plan'
import type { DemoProgress } from './progress'
import { trainInDemo, type DemoRegistry, type DemoRun, type Trained } from './runs'

/** Parts of the whole time, as measured on two cores. */
export const shares = {
  data: 2,
  pretrain: 430,
  sft: 25,
  reward: 15,
  'ppo-lexicon': 150,
  'ppo-reward-model': 160,
  measure: 45,
} as const

type DemoStage = keyof typeof shares

export interface DemoDatasets {
  readonly wordnet: Dataset
  readonly sentences: Dataset
  readonly pairs: Dataset
}

export async function demoDatasets({ db, resources, now, signal }: DemoRegistry): Promise<DemoDatasets> {
  const bundled = (fileName: string): Promise<Dataset> =>
    bundledDataset(db, { resources, fileName, nowMs: now() }, signal)
  return {
    wordnet: await bundled('short-english-wordnet.txt'),
    sentences: await bundled('sentiment-sentences.jsonl'),
    pairs: await bundled('sentiment-preference-pairs.jsonl'),
  }
}

export interface DemoTrained {
  readonly pretrained: Trained
  readonly sft: Trained
  readonly rewardModel: Trained
  readonly lexicon: Trained
  readonly learned: Trained
}

/** Trains a run of a stage to its end, and says how it stands meanwhile. */
type TrainStage = (stage: DemoStage, run: DemoRun) => Promise<Trained>

/** @throws DemoStopped when the signal stops one, after the update under way is saved */
export async function trainAll(
  registry: DemoRegistry,
  { wordnet, sentences, pairs }: DemoDatasets,
  plan: DemoPlan,
  { terminal, progress }: { readonly terminal: Terminal; readonly progress: DemoProgress },
): Promise<DemoTrained> {
  const train: TrainStage = async (stage, run) => {
    progress.begin(stage)
    const onUpdate = showing(terminal, (fraction, said) => progress.line(fraction, said))
    const trained = await trainInDemo(registry, run, onUpdate)
    terminal.note(endLine(trained, registry.db))
    return trained
  }
  const pretrained = await train('pretrain', {
    name: 'Pretrain',
    recipe: 'pretrain',
    settings: plan.pretrain,
    inputs: { texts: [wordnet.id, sentences.id] },
  })
  const sft = await train('sft', {
    name: 'SFT on positive sentences',
    recipe: 'sft',
    settings: plan.sft,
    inputs: { policy: [pretrained.checkpoint.id], demonstrations: [sentences.id] },
  })
  return { pretrained, sft, ...(await trainRewarded(train, sft, pairs, plan)) }
}

/** A reward model, and two policies from the fine-tuned model: one for the lexicon, one for the reward model. */
async function trainRewarded(
  train: TrainStage,
  sft: Trained,
  pairs: Dataset,
  plan: DemoPlan,
): Promise<Pick<DemoTrained, 'rewardModel' | 'lexicon' | 'learned'>> {
  const rewardModel = await train('reward', {
    name: 'Reward model',
    recipe: 'reward',
    settings: plan.reward,
    inputs: { base: [sft.checkpoint.id], pairs: [pairs.id] },
  })
  const lexicon = await train('ppo-lexicon', {
    name: 'PPO, lexicon',
    recipe: 'ppo',
    settings: plan.ppoLexicon,
    inputs: { policy: [sft.checkpoint.id] },
  })
  const learned = await train('ppo-reward-model', {
    name: 'PPO, reward model',
    recipe: 'ppo',
    settings: plan.ppoRewardModel,
    inputs: { policy: [sft.checkpoint.id], rewardModel: [rewardModel.checkpoint.id] },
  })
  return { rewardModel, lexicon, learned }
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
