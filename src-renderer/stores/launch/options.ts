/** What can be chosen for each input of a recipe, and how it is called on the command line. */
import { datasetWords } from '../../../src-shared/dataset-words'
import type { Checkpoint } from '../../../src-shared/records/checkpoint'
import type { Dataset } from '../../../src-shared/records/dataset'
import { type RecipeName, recipeOf } from '../../../src-shared/recipes/recipes'
import type { RecipeInput } from '../../../src-shared/recipes/recipe'
import { rowsText } from '../../words/dataset-words'
import { checkpointText } from '../../words/model-words'

export interface SourceOption {
  readonly id: string
  readonly name: string
  /** Counts, parameters: what tells it from the others. */
  readonly detail: string
}

export interface SourceInput {
  readonly name: string
  readonly row: RecipeInput
  readonly options: readonly SourceOption[]
  /** What to do when there is nothing to choose from. */
  readonly emptyText: string
}

/** The inputs of a recipe with what fits each: datasets of its kinds, checkpoints of its kind. */
export function sourceInputs(
  recipe: RecipeName,
  datasets: readonly Dataset[],
  checkpoints: readonly Checkpoint[],
): readonly SourceInput[] {
  return Object.entries(recipeOf(recipe).inputs).map(([name, row]) => ({
    name,
    row,
    ...(row.type === 'dataset' ? fromDatasets(row, datasets) : fromCheckpoints(row, checkpoints)),
  }))
}

const fromDatasets = (
  row: Extract<RecipeInput, { readonly type: 'dataset' }>,
  datasets: readonly Dataset[],
): Pick<SourceInput, 'options' | 'emptyText'> => ({
  options: datasets
    .filter((dataset) => row.kinds.includes(dataset.kind))
    .map((dataset) => ({ id: dataset.id, name: dataset.name, detail: rowsText(dataset) })),
  emptyText: `Import ${row.kinds.map((kind) => datasetWords[kind].holds).join(' or ')} in Datasets`,
})

const fromCheckpoints = (
  row: Extract<RecipeInput, { readonly type: 'checkpoint' }>,
  checkpoints: readonly Checkpoint[],
): Pick<SourceInput, 'options' | 'emptyText'> => ({
  options: checkpoints
    .filter((checkpoint) => checkpoint.kind === row.kind)
    .map((checkpoint) => ({ id: checkpoint.id, name: checkpoint.name, detail: checkpointText(checkpoint) })),
  emptyText: row.kind === 'reward-model' ? 'Train a reward model first' : 'Pretrain a model first',
})

/** A name that is the only one of its kind, else the id. */
export function commandNames(
  datasets: readonly Dataset[],
  checkpoints: readonly Checkpoint[],
): (id: string) => string {
  const known = [...datasets, ...checkpoints]
  const times = new Map<string, number>()
  for (const { name } of known) times.set(name, (times.get(name) ?? 0) + 1)
  const byId = new Map(known.map(({ id, name }) => [id, name]))
  return (id) => {
    const name = byId.get(id)
    return name !== undefined && times.get(name) === 1 ? name : id
  }
}
