/** The prompts of a dataset, to be written on from one after another. */
import { shallowRef } from 'vue'
import { distinctPrompts, sameness } from '../../../src-shared/prompts'
import type { Prompt } from '../../../src-shared/records/turn'
import { errorText } from '../../../src-shared/result'
import type { Api } from '../../../src-shared/wire'

const promptsAtOnce = 200

export interface PromptList {
  readonly datasetId: string
  readonly prompts: readonly Prompt[]
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
    prompts.value = { datasetId, prompts: distinctPrompts(all) }
    return undefined
  }

  /** The prompt after this one in the list; after the last comes the first. */
  function after(prompt: Prompt): Prompt | undefined {
    const all = prompts.value?.prompts ?? []
    return all[(indexOf(prompt) + 1) % all.length]
  }

  /** Where the prompt stands in the list; -1 when it is not there. */
  function indexOf(prompt: Prompt): number {
    return (prompts.value?.prompts ?? []).findIndex((each) => sameness(each) === sameness(prompt))
  }

  return { prompts, load, after, indexOf }
}
