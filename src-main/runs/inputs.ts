/**
 * What a run is made from, read out of the registry: its models from their files, its examples up to the
 * run's watermark.
 */
import type { Engine } from '../compute/engine'
import type { LanguageModel, RewardModel } from '../model/model'
import type { LoadModel } from '../model/model-shelf'
import { lexiconReward } from '../rewards/lexicon'
import type { Reward } from '../rewards/reward'
import { rewardModelReward } from '../rewards/reward-model'
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

/**
 * What the policy is trained on: the lexicon, or a trained reward model that reads as it was trained to read.
 */
export async function rewardIn(db: ReadableDb, run: Run, engine: Engine, load: LoadModel): Promise<Reward> {
  if ((run.settings as PpoSettings).rewardFrom === 'lexicon') return lexiconReward
  const { model, lineage } = await load(fileIn(db, run, 'rewardModel'))
  if (model.kind !== 'reward-model')
    throw new StudioFailure({
      kind: 'refused-settings',
      problems: [{ field: 'rewardModel', problem: 'is a language model; it scores nothing' }],
    })
  return rewardModelReward(engine, model satisfies RewardModel, {
    readPrompt: lineage['readPrompt'] !== 'completion-only',
  })
}

function fileIn(db: ReadableDb, run: Run, input: string): string {
  const [checkpointId] = run.inputs[input] ?? []
  if (checkpointId === undefined)
    throw new StudioFailure({ kind: 'refused-settings', problems: [{ field: input, problem: 'is missing' }] })
  return filesOfCheckpoint(db, checkpointId).path
}
