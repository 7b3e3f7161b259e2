/** What a launch form can begin with: a dataset, a checkpoint, a run that was, or a preset. */
import type { SettingsValues } from '../../../src-shared/fields'
import type { ModelKind } from '../../../src-shared/records/checkpoint'
import type { Dataset, DatasetKind } from '../../../src-shared/records/dataset'
import type { Run, RunInputs } from '../../../src-shared/records/run'
import { recipeOf, type RecipeName } from '../../../src-shared/recipes/recipes'
import { usualUse } from '../../../src-shared/recipes/usual-use'
import type { Preset } from '../../../src-shared/recipes/recipe'
import type { StudioError } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import { draftOf, textsOf } from './draft'
import type { Drafts } from './drafts'

interface Form {
  readonly drafts: Drafts
  readonly choose: (recipe: RecipeName) => void
  readonly refuse: (error: StudioError) => void
}

export interface Filling {
  readonly recipe: RecipeName
  readonly settings: SettingsValues
  readonly inputs: RunInputs
  readonly name?: string
}

export function useBeginnings(api: Api, { drafts, choose, refuse }: Form) {
  /** Puts a dataset or a checkpoint into the recipe that usually begins with its kind. */
  function use(id: string, kind: DatasetKind | ModelKind): void {
    const usual = usualUse(kind)
    if (!usual) return
    choose(usual.recipe)
    drafts.setInput(usual.input, [id])
  }

  const useDataset = ({ id, kind }: Dataset): void => use(id, kind)
  const useCheckpoint = (checkpointId: string, kind: ModelKind): void => use(checkpointId, kind)

  /** The form of a recipe with these inputs, set to read them: what else was typed into it stays. */
  function begin(recipe: RecipeName, inputs: RunInputs): void {
    choose(recipe)
    for (const [input, ids] of Object.entries(inputs)) {
      drafts.setInputOf(recipe, input, ids)
      const { neededWhen } = recipeOf(recipe).inputs[input] ?? {}
      if (typeof neededWhen === 'object')
        for (const [field, text] of Object.entries(neededWhen)) drafts.setText(field, text)
    }
  }

  /** Puts its settings in, and the datasets that come with the program for it. */
  async function applyPreset({ settings, datasets = {} }: Preset): Promise<void> {
    const recipe = drafts.recipe.value
    drafts.changeOf(recipe, { texts: textsOf(recipe, settings) })
    for (const [input, fileName] of Object.entries(datasets)) {
      const answer = await api.call('datasets.bundled', { fileName })
      if (answer.ok) drafts.setInputOf(recipe, input, [answer.value.id])
      else refuse(answer.error)
    }
  }

  function fork(run: Run): void {
    choose(run.recipe)
    drafts.changeOf(run.recipe, draftOf(run))
  }

  /** The whole form as a file says it; what the file does not say is as the recipe has it. */
  function fill({ recipe, settings, inputs, name = '' }: Filling): void {
    choose(recipe)
    drafts.changeOf(recipe, { texts: textsOf(recipe, settings), inputs, name })
  }

  return { useDataset, useCheckpoint, begin, applyPreset, fork, fill }
}
