/**
 * What a run is made from, read out of the registry: its models from their files, its examples up to the
 * run's watermark.
 */
import type { Example } from '../../src-shared/records/example'
import type { Run } from '../../src-shared/records/run'
import { rankings } from '../data/rankings'
import { demonstrations, preferencePairs, prompts, ratedTexts, references } from '../data/training-data'
import type { LanguageModel } from '../model/model'
import type { LoadModel } from '../model/model-shelf'
import type { AskPerson } from '../rewards/reward'
import { rewardRows } from '../rewards/rewards'
import { besideRegistry } from '../store/checkpoint-files'
import { filesOfCheckpoint } from '../store/checkpoints'
import { examplesOf } from '../store/examples'
import type { ReadableDb } from '../store/handle'
import { refuse } from '../trainers/refuse'
import type { Given } from '../trainers/trainer-row'
import type { FitRows } from './fitting-prompts'
import { keptIn } from './kept-results'
import type { LeavableRun } from './left-run'
import { knownTo } from './run-knows'

/** Whom a run's rewards can ask, how it is left meanwhile, and which rows its model can read. */
export type Outside = Pick<LeavableRun, 'waiting' | 'leave'> & {
  readonly askPerson: AskPerson
  readonly fit: FitRows
}

/** @param load gives the same memory for the same file */
export function givenFromRegistry(
  db: ReadableDb,
  run: Run,
  load: LoadModel,
  { leave, fit, ...outside }: Outside,
): Given {
  const examples = (input: string) => fit(input, examplesIn(db, run, input))
  return {
    languageModel: (input) => languageModelIn(db, run, load, input),
    async rewardModel(input) {
      const { model, lineage } = await load(fileIn(db, run, input))
      if (model.kind !== 'reward-model') refuse(input, 'is a language model; it scores nothing')
      return { model, readPrompt: lineage['readPrompt'] !== 'completion-only' }
    },
    reward: (source, opening) => rewardRows[source].open({ ...opening, ...outside }),
    leave,
    demonstrations: (input, label) => demonstrations(examples(input), label),
    preferencePairs: (input) => preferencePairs(examples(input)),
    rankings: (input, most) => rankings(preferencePairs(examples(input)), ratedTexts(examples(input)), most),
    ratedTexts: (input) => ratedTexts(examples(input)),
    prompts: (input) => prompts(examples(input)),
    references: (input) => references(examples(input)),
    keep: keptIn(besideRegistry(db.path, 'kept-results')),
  }
}

/** The language model of an input. */
export async function languageModelIn(
  db: ReadableDb,
  run: Run,
  load: LoadModel,
  input: string,
): Promise<LanguageModel> {
  const { model } = await load(fileIn(db, run, input))
  if (model.kind !== 'language-model') refuse(input, 'is a reward model; it writes no text')
  return model
}

/** Examples of all datasets of one input, one dataset after the other. */
function* examplesIn(db: ReadableDb, run: Run, input: string): Generator<Example> {
  for (const datasetId of run.inputs[input] ?? []) yield* examplesOf(db, datasetId, knownTo(run))
}

function fileIn(db: ReadableDb, run: Run, input: string): string {
  const [checkpointId] = run.inputs[input] ?? []
  if (checkpointId === undefined) refuse(input, 'is missing')
  return filesOfCheckpoint(db, checkpointId).path
}
