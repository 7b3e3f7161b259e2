/**
 * Whether a run's inputs are what the recipe asks for: no more and no less, of the right kind, still there,
 * not empty.
 */
import { datasetWords } from '../../src-shared/dataset-words'
import type { SettingsValues } from '../../src-shared/fields'
import {
  isInputUsed,
  type CheckpointInput,
  type DatasetInput,
  type Recipe,
  type RecipeInput,
} from '../../src-shared/recipes/recipe'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import type { RunInputs } from '../../src-shared/records/run'
import { StudioFailure } from '../../src-shared/result'
import { listed } from '../../src-shared/words'
import { readModelHeader, type ModelHeader } from '../model/model-header'
import { filesOfCheckpoint, findCheckpoint } from '../store/checkpoints'
import { findDataset } from '../store/datasets'
import type { ReadableDb } from '../store/handle'
import type { Materials, Problems } from './problems'

export interface CheckedInputs extends Pick<Materials, 'models' | 'datasets'> {
  /** What the run is made from: without what these settings do not use. */
  readonly inputs: RunInputs
}

export async function checkInputs(
  db: ReadableDb,
  recipe: Recipe,
  settings: SettingsValues,
  given: RunInputs,
  problems: Problems,
): Promise<CheckedInputs> {
  const inputs = usedInputs(recipe, settings, given, problems)
  const models = await checkCheckpoints(db, recipe, inputs, problems)
  return { inputs, models, datasets: checkDatasets(db, recipe, inputs, problems) }
}

function usedInputs(
  { inputs: known }: Recipe,
  settings: SettingsValues,
  given: RunInputs,
  problems: Problems,
): RunInputs {
  for (const name of Object.keys(given))
    if (!Object.hasOwn(known, name)) problems.push({ field: name, problem: 'is not an input of this recipe' })
  const used: Record<string, readonly string[]> = {}
  for (const [name, input] of Object.entries(known)) {
    // what the form may still hold and these settings do not use, the run is not made from
    if (!isInputUsed(input, settings)) continue
    const ids = [...new Set(given[name] ?? [])]
    const problem = countProblem(input, ids.length)
    if (problem !== undefined) problems.push({ field: name, problem })
    if (ids.length > 0) used[name] = ids
  }
  return used
}

function countProblem(input: RecipeInput, count: number): string | undefined {
  if (count > 1 && !input.isMany) return 'Choose only one.'
  if (count > 0 || (!input.isRequired && !input.neededWhen)) return undefined
  return input.whenMissing ?? `Choose ${input.type === 'dataset' ? 'a dataset' : 'a checkpoint'}.`
}

async function checkCheckpoints(
  db: ReadableDb,
  recipe: Recipe,
  inputs: RunInputs,
  problems: Problems,
): Promise<Record<string, ModelHeader>> {
  const models: Record<string, ModelHeader> = {}
  for (const [name, input, id] of chosen(recipe, inputs)) {
    if (input.type !== 'checkpoint') continue
    const problem = checkpointProblem(findCheckpoint(db, id), input)
    if (problem !== undefined) problems.push({ field: name, problem })
    const header = problem === undefined ? await headerOf(db, id, name, problems) : undefined
    if (header) models[name] = header
  }
  return models
}

/** A file that is refused is a problem of its input; anything else goes on. */
async function headerOf(
  db: ReadableDb,
  checkpointId: string,
  field: string,
  problems: Problems,
): Promise<ModelHeader | undefined> {
  try {
    return await readModelHeader(filesOfCheckpoint(db, checkpointId).path)
  } catch (error) {
    if (!(error instanceof StudioFailure)) throw error
    problems.push({ field, problem: error.message })
    return undefined
  }
}

function checkpointProblem(checkpoint: Checkpoint | undefined, input: CheckpointInput): string | undefined {
  if (!checkpoint) return 'This checkpoint no longer exists.'
  if (checkpoint.kind !== input.kind)
    return `“${checkpoint.name}” is a ${modelNames[checkpoint.kind]}; a ${modelNames[input.kind]} is wanted here.`
  return undefined
}

function checkDatasets(
  db: ReadableDb,
  recipe: Recipe,
  inputs: RunInputs,
  problems: Problems,
): Record<string, readonly Dataset[]> {
  const datasets: Record<string, Dataset[]> = {}
  for (const [name, input, id] of chosen(recipe, inputs)) {
    if (input.type !== 'dataset') continue
    const dataset = findDataset(db, id)
    const problem = datasetProblem(dataset, input)
    if (problem !== undefined) problems.push({ field: name, problem })
    else if (dataset) (datasets[name] ??= []).push(dataset)
  }
  return datasets
}

function datasetProblem(dataset: Dataset | undefined, input: DatasetInput): string | undefined {
  if (!dataset) return 'This dataset no longer exists.'
  if (!input.kinds.includes(dataset.kind))
    return `“${dataset.name}” holds ${holds(dataset.kind)}; ${listed(input.kinds.map(holds))} can be used here.`
  if (dataset.rows > (dataset.excluded ?? 0)) return undefined
  if (dataset.rows > 0) return `All rows of “${dataset.name}” are left out: take some in again in Datasets.`
  return dataset.origin === 'judgments'
    ? `“${dataset.name}” has no preference pair yet: label some first.`
    : `“${dataset.name}” is empty.`
}

function* chosen(recipe: Recipe, inputs: RunInputs): Generator<readonly [string, RecipeInput, string]> {
  for (const [name, input] of Object.entries(recipe.inputs))
    for (const id of inputs[name] ?? []) yield [name, input, id]
}

const holds = (kind: DatasetKind): string => datasetWords[kind].holds
const modelNames = { 'language-model': 'language model', 'reward-model': 'reward model' } as const
