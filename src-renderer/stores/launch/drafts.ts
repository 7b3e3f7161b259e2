/** One draft a recipe: what was typed stays while another recipe is looked at. */
import { computed, reactive, ref } from 'vue'
import { type RecipeName, recipeNames } from '../../../src-shared/recipes/recipes'
import { emptyDraft, type Draft } from './draft'

export type Drafts = ReturnType<typeof useDrafts>

export function useDrafts() {
  const recipe = ref<RecipeName>('pretrain')
  const drafts = reactive(
    Object.fromEntries(recipeNames.map((name) => [name, emptyDraft(name)])) as Record<RecipeName, Draft>,
  )
  const draft = computed(() => drafts[recipe.value])

  function changeOf(name: RecipeName, changes: Partial<Draft>): void {
    drafts[name] = { ...drafts[name], ...changes }
  }
  function setInputOf(name: RecipeName, input: string, ids: readonly string[]): void {
    changeOf(name, { inputs: { ...drafts[name].inputs, [input]: ids } })
  }

  return {
    recipe,
    draft,
    changeOf,
    setInputOf,
    change: (changes: Partial<Draft>) => changeOf(recipe.value, changes),
    setText: (field: string, text: string) =>
      changeOf(recipe.value, { texts: { ...draft.value.texts, [field]: text } }),
    setInput: (input: string, ids: readonly string[]) => setInputOf(recipe.value, input, ids),
  }
}
