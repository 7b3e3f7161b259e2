/** What a new label queue can be made from, and making it. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { useLabels } from './labels'
import { useQueueDraft } from './queue-draft'
import { useWritingSources } from './writing-sources'

export const useNewQueue = defineStore('new-queue', () => {
  const { writers, prompts, writerOptions, promptOptions, rewardModelOptions } = useWritingSources()
  const draft = useQueueDraft()
  const labels = useLabels()
  const isBusy = ref(false)

  const isMissingSomething = computed(() => writers.value.length === 0 || prompts.value.length === 0)
  const fallbackName = computed(() => {
    const dataset = prompts.value.find(({ id }) => id === draft.texts.promptDatasetId)
    const writer = writers.value.find(({ id }) => id === draft.texts.checkpointId)
    return `${dataset?.name ?? 'Prompts'}, ${writer?.name ?? 'a deleted checkpoint'}`
  })

  // What was chosen may be gone, and at first nothing is: the first of each list is taken.
  watch(
    [writers, prompts],
    () => {
      draft.texts.checkpointId = kept(draft.texts.checkpointId, writers.value)
      draft.texts.promptDatasetId = kept(draft.texts.promptDatasetId, prompts.value)
    },
    { immediate: true },
  )

  /** The form with this writer, and these prompts where there are such. */
  function begin(checkpointId: string, promptDatasetId: string): void {
    draft.texts.checkpointId = checkpointId
    if (prompts.value.some(({ id }) => id === promptDatasetId)) draft.texts.promptDatasetId = promptDatasetId
  }

  /** @returns whether it was made; else the draft says what is wrong */
  async function create(): Promise<boolean> {
    const request = draft.request(fallbackName.value)
    if (!request || isBusy.value) return false
    isBusy.value = true
    const error = await labels.create(request)
    isBusy.value = false
    if (error) draft.refuse(error)
    else draft.renew()
    return error === undefined
  }

  const hasWriter = computed(() => writers.value.length > 0)
  const sources = { writerOptions, promptOptions, rewardModelOptions, hasWriter, isMissingSomething }
  return { ...sources, fallbackName, isBusy, begin, create }
})

/** The chosen one while it is there, else the first; empty without any. */
const kept = (chosen: string, all: readonly { readonly id: string }[]): string =>
  all.some(({ id }) => id === chosen) ? chosen : (all[0]?.id ?? '')
