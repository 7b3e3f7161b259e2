/**
 * What all algorithms start from: the bundled pretrained model, fine-tuned on the positive sentences; a pool of what
 * it writes; and pairs of that pool, labelled by the reward that the others learn from.
 */
import { join } from 'node:path'
import type { Dataset } from '../../../src-shared/records/dataset'
import type { ExampleParts } from '../../../src-shared/records/example'
import type { Engine } from '../../compute/engine'
import { texts } from '../../data/training-data'
import { seedOf } from '../../maths/random'
import type { LanguageModel } from '../../model/model'
import { generate } from '../../model/writing/generation'
import { addSampleRuns } from '../../sample-project/sample-runs'
import { lexiconReward } from '../../rewards/lexicon'
import type { ScoredText } from '../../rewards/reward'
import { examplesOf } from '../../store/examples'
import type { WritableDb } from '../../store/handle'
import { appendExamples, beginImport, finishImport } from '../../store/imports'
import { bundledDataset } from '../../datasets/bundled-datasets'
import { languageModelOf } from '../measure'
import { trainedOnce, type DemoRegistry, type Trained } from '../runs'
import { keptIn } from './kept'
import { frontierSampling, type FrontierPlan } from './plan'

export interface FrontierStart {
  readonly sft: Trained
  readonly model: LanguageModel
  /** What the fine-tuned model wrote, and what it is worth, in the order drawn. */
  readonly pool: readonly ScoredText[]
  readonly rewards: readonly number[]
  readonly pairs: Dataset
  /** What a copied text would stand in. */
  readonly trainingTexts: readonly string[]
}

/** The registry, and how the terminal hears of it. */
export interface FrontierWork extends DemoRegistry {
  /** Where what has been made is kept. */
  readonly folder: string
  readonly seed: number
  readonly plan: FrontierPlan
  say(text: string): void
}

export async function frontierStart(engine: Engine, work: FrontierWork): Promise<FrontierStart> {
  const { db, folder, resources, plan, now, signal, seed } = work
  const bundled = (fileName: string) => bundledDataset(db, { resources, fileName, nowMs: now() }, signal)
  const wordnet = await bundled('short-english-wordnet.txt')
  const sentences = await bundled('sentiment-sentences.jsonl')
  await bundled('sentiment-preference-pairs.jsonl')
  const [pretrained] = await addSampleRuns(db, join(resources, 'checkpoint'), now)
  if (!pretrained) throw new Error('The pretrained model that comes with the studio is missing.')
  const sft = await trainedOnce(
    work,
    {
      name: 'SFT on positive sentences',
      recipe: 'sft',
      settings: plan.sft,
      inputs: { policy: [pretrained.id], demonstrations: [sentences.id] },
    },
    ({ run }) => run && work.say(`SFT · ${run.step} of ${run.totalSteps}`),
  )
  work.say(`${plan.pool} texts of the fine-tuned model`)
  const model = await languageModelOf(db, sft.checkpoint)
  const pools = await keptIn<readonly ScoredText[]>(join(folder, 'pool.json'))
  const pool = await pools.once(`${plan.pool} of ${sft.checkpoint.id}`, () =>
    drawn(engine, model, plan.pool, seedOf(seed, 'pool')),
  )
  const rewards = await lexiconReward(pool)
  return {
    sft,
    model,
    pool,
    rewards,
    pairs: labelledPairs(db, pool, rewards, now()),
    trainingTexts: [...texts(examplesOf(db, wordnet.id)), ...texts(examplesOf(db, sentences.id))],
  }
}

/** Completions of nothing, as they are scored. */
async function drawn(
  engine: Engine,
  model: LanguageModel,
  count: number,
  seed: number,
): Promise<readonly ScoredText[]> {
  const prompts = Array.from({ length: count }, () => '')
  const completions = await generate(engine, model, prompts, { ...frontierSampling, seed })
  return completions.map(({ prompt, text, hasEnded }) => ({ prompt, completion: text, hasEnded }))
}

/** Neighbours in the pool as pairs, the better one chosen. What was cut is not judged, and ties teach nothing. */
function labelledPairs(
  db: WritableDb,
  pool: readonly ScoredText[],
  rewards: readonly number[],
  createdAtMs: number,
): Dataset {
  const whole = pool.flatMap(({ completion, hasEnded }, index) =>
    hasEnded && completion !== '' ? [{ completion, reward: rewards[index]! }] : [],
  )
  const rows: ExampleParts[] = []
  for (let index = 0; index + 1 < whole.length; index += 2) {
    const [worse, better] = [whole[index]!, whole[index + 1]!].sort((a, b) => a.reward - b.reward)
    if (worse!.reward < better!.reward && worse!.completion !== better!.completion)
      rows.push({ prompt: '', completion: better!.completion, rejected: worse!.completion })
  }
  const staged = beginImport(db, {
    name: 'Pairs of the fine-tuned model, labelled by VADER',
    kind: 'preferences',
    origin: 'imported',
    fileName: '',
    terms: 'Texts of the demo’s own model.',
    createdAtMs,
  })
  appendExamples(db, staged, rows)
  return finishImport(db, staged, 0).dataset
}
