/**
 * What a run is made from, read out of the registry: its models from their files, its examples up to the
 * run's watermark.
 */
import type { Engine } from '../compute/engine'
import type { LanguageModel } from '../model/model'
import type { LoadModel } from '../model/model-shelf'
import type { ReadRewardModel } from '../rewards/reward'
import { rewardRows } from '../rewards/rewards'
import type { OpenTerm } from '../rewards/terms'
import { filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { examplesOf } from '../store/examples'
import type { Example } from '../../src-shared/records/example'
import type { Run } from '../../src-shared/records/run'
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import { StudioFailure } from '../../src-shared/result'

/** Examples of all datasets of one input, one dataset after the other. */
export function* examplesIn(db: ReadableDb, run: Run, input: string): Generator<Example> {
  for (const datasetId of run.inputs[input] ?? []) yield* examplesOf(db, datasetId, run.judgmentWatermark)
}

/**
 * The model an input names.
 * @param load gives the same memory for the same file.
 * @throws StudioFailure when its file is gone or damaged, or it is not of this kind
 */
export async function languageModelIn(
  db: ReadableDb,
  run: Run,
  input: string,
  load: LoadModel,
): Promise<LanguageModel> {
  const { model } = await load(fileIn(db, run, input))
  if (model.kind !== 'language-model')
    throw new StudioFailure({
      kind: 'refused-settings',
      problems: [{ field: input, problem: 'is a reward model; it writes no text' }],
    })
  return model
}

/** What scores a run's completions: the lexicon or a reward model trains, and a judge watches. */
export async function rewardsIn(
  db: ReadableDb,
  run: Run,
  engine: Engine,
  load: LoadModel,
): Promise<readonly OpenTerm[]> {
  const source = (run.settings as PpoSettings).rewardFrom
  const score = rewardRows[source].open({
    engine,
    settings: {},
    ...(source === 'reward-model' && { model: await rewardModelIn(db, run, load) }),
  })
  return [
    { source, weight: 1, score },
    { source: 'wink', weight: 0, score: rewardRows.wink.open({ engine, settings: {} }) },
  ]
}

/** A trained reward model that reads as it was trained to read. */
async function rewardModelIn(db: ReadableDb, run: Run, load: LoadModel): Promise<ReadRewardModel> {
  const { model, lineage } = await load(fileIn(db, run, 'rewardModel'))
  if (model.kind !== 'reward-model')
    throw new StudioFailure({
      kind: 'refused-settings',
      problems: [{ field: 'rewardModel', problem: 'is a language model; it scores nothing' }],
    })
  return { model, readPrompt: lineage['readPrompt'] !== 'completion-only' }
}

function fileIn(db: ReadableDb, run: Run, input: string): string {
  const [checkpointId] = run.inputs[input] ?? []
  if (checkpointId === undefined)
    throw new StudioFailure({ kind: 'refused-settings', problems: [{ field: input, problem: 'is missing' }] })
  return filesOfCheckpoint(db, checkpointId).path
}
