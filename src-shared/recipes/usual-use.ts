/** Where one begins with a dataset or a model: the recipe, and its input that takes it. */
import type { ModelKind } from '../records/checkpoint'
import type { DatasetKind } from '../records/dataset'
import { recipeNames, recipeOf, type RecipeName } from './recipes'

export interface Use {
  readonly recipe: RecipeName
  readonly input: string
}

/** Undefined when no recipe says that it is the usual one for this kind. */
export function usualUse(kind: DatasetKind | ModelKind): Use | undefined {
  for (const recipe of recipeNames)
    for (const [input, { usualFor = [] }] of Object.entries(recipeOf(recipe).inputs))
      if (usualFor.includes(kind)) return { recipe, input }
  return undefined
}
