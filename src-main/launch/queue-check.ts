/** Everything that can be wrong with a new label queue, before any text is sampled for it. */
import type { CallInput } from '../../src-shared/contract'
import { StudioFailure } from '../../src-shared/result'
import type { SurveyDataset } from '../datasets/survey'
import { longPrompt, refusedTurns, unknownCharacter } from './check-texts'
import { readModelHeader } from '../model/model-header'
import type { Parsed } from '../border/read-input'
import { checkpointOf, filesOfCheckpoint } from '../store/checkpoints'
import type { ReadableDb } from '../store/handle'
import { datasetOf } from '../store/datasets'

/** @throws StudioFailure invalid-input at its field; not-found; refused-file */
export async function checkQueue(
  db: ReadableDb,
  survey: SurveyDataset,
  { checkpointId, promptDatasetId, sampling }: Parsed<CallInput<'labels.create'>>,
): Promise<void> {
  const { kind, name } = checkpointOf(db, checkpointId)
  if (kind !== 'language-model') refuse('checkpointId', `“${name}” is a reward model; it writes no text`)
  const dataset = datasetOf(db, promptDatasetId)
  const surveyed = await survey(promptDatasetId)
  if (surveyed.longestPrompts.length === 0) refuse('promptDatasetId', `“${dataset.name}” has no prompts`)
  if (sampling.temperature === 0)
    refuse('sampling.temperature', 'must be above 0: at 0 both completions of a prompt are the same')
  if (sampling.topK === 1)
    refuse('sampling.topK', 'must not be 1: both completions of a prompt would be the same')
  const reading = { reads: ['prompt'], promptsFit: true } as const
  const model = await readModelHeader(filesOfCheckpoint(db, checkpointId).path)
  const problem =
    unknownCharacter(surveyed, reading, model) ??
    refusedTurns(surveyed, reading, model) ??
    longPrompt(surveyed, reading, model, { longPrompts: 'leave-out', maxTokens: 1 })
  if (problem) refuse('promptDatasetId', `“${dataset.name}”, ${problem}`)
}

function refuse(field: string, problem: string): never {
  throw new StudioFailure({ kind: 'invalid-input', field, problem })
}
