/** The prompts of a dataset, to be written on from one after another. */
import { shallowRef } from 'vue'
import { errorText } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'

const promptsAtOnce = 200

export interface PromptList {
  readonly datasetId: string
  readonly texts: readonly string[]
}

export function usePromptList(api: Api) {
  const prompts = shallowRef<PromptList>()

  /** The first prompts of a dataset, each once. @returns what went wrong, in words */
  async function load(datasetId: string): Promise<string | undefined> {
    const answer = await api.call('datasets.page', {
      datasetId,
      filter: { search: '' },
      offset: 0,
      limit: promptsAtOnce,
    })
    if (!answer.ok) return errorText(answer.error)
    const all = answer.value.rows.flatMap((row) => row.prompt ?? [])
    prompts.value = { datasetId, texts: [...new Set(all)] }
    return undefined
  }

  /** The prompt after this one in the list; after the last comes the first. */
  function after(prompt: string): string | undefined {
    const texts = prompts.value?.texts ?? []
    return texts[(texts.indexOf(prompt) + 1) % texts.length]
  }

  return { prompts, load, after }
}
