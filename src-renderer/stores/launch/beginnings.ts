/** What a launch form can begin with: a dataset, a checkpoint, a run that was, or a preset. */
import type { ModelKind } from '../../../src-shared/records/checkpoint'
import type { Dataset, DatasetKind } from '../../../src-shared/records/dataset'
import type { RecipeName, Run } from '../../../src-shared/records/run'
import type { Preset } from '../../../src-shared/recipes/recipe'
import { recipes } from '../../../src-shared/recipes/recipes'
import type { StudioError } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'
import { draftOf, textsOf } from './draft'
import type { Drafts } from './drafts'

/** The recipe that trains on a kind of dataset. */
const recipeForDataset: Readonly<Record<DatasetKind, RecipeName>> = {
  text: 'pretrain',
  labelled: 'sft',
  demonstrations: 'sft',
  preferences: 'reward',
  prompts: 'ppo',
}
/** A language model is fine-tuned, a reward model scores in PPO. */
const useOfCheckpoint: Readonly<Record<ModelKind, { readonly recipe: RecipeName; readonly input: string }>> =
  {
    'language-model': { recipe: 'sft', input: 'policy' },
    'reward-model': { recipe: 'ppo', input: 'rewardModel' },
  }

interface Form {
  readonly drafts: Drafts
  readonly choose: (recipe: RecipeName) => void
  readonly refuse: (error: StudioError) => void
}

export function useBeginnings(api: Api, { drafts, choose, refuse }: Form) {
  /** Puts a dataset into the recipe that trains on its kind. */
  function useDataset(dataset: Dataset): void {
    const recipe = recipeForDataset[dataset.kind]
    choose(recipe)
    const input = Object.entries(recipes[recipe].inputs).find(
      ([, row]) => row.type === 'dataset' && row.kinds.includes(dataset.kind),
    )
    if (input) drafts.setInput(input[0], [dataset.id])
  }

  function useCheckpoint(checkpointId: string, kind: ModelKind): void {
    const { recipe, input } = useOfCheckpoint[kind]
    choose(recipe)
    drafts.setInput(input, [checkpointId])
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

  return { useDataset, useCheckpoint, applyPreset, fork }
}
