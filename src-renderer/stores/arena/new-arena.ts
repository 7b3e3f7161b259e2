/** What a new arena can be made from, and making it. */
import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { fewestContenders } from '../../../src-shared/records/arena'
import { useWritingSources } from '../writing-sources'
import { useArena } from './arena'
import { useArenaForm } from './arena-form'

export const useNewArena = defineStore('new-arena', () => {
  const arena = useArena()
  const { writers, prompts, writerOptions, promptOptions } = useWritingSources()
  const { request, refusal, ...form } = useArenaForm()
  const isBusy = ref(false)

  // What was chosen may be gone, and at first nothing is: the newest two are taken.
  watch(
    [writers, prompts],
    () => {
      const there = form.chosen.value.filter((id) => writers.value.some((one) => one.id === id))
      form.choose(there.length > 0 ? there : writers.value.slice(0, fewestContenders).map(({ id }) => id))
      if (!prompts.value.some(({ id }) => id === form.texts.promptDatasetId))
        form.texts.promptDatasetId = prompts.value[0]?.id ?? ''
    },
    { immediate: true },
  )
  const fallbackName = computed(() =>
    form.chosen.value
      .map((id) => writers.value.find((one) => one.id === id)?.name ?? '')
      .join(', ')
      .slice(0, 120),
  )

  /** The form with these contenders, and these prompts where there are such. */
  function begin(checkpointIds: readonly string[], promptDatasetId: string): void {
    form.choose(checkpointIds)
    if (prompts.value.some(({ id }) => id === promptDatasetId)) form.texts.promptDatasetId = promptDatasetId
  }

  /** @returns whether it was made; else the form says what is wrong */
  async function create(): Promise<boolean> {
    const input = request(fallbackName.value)
    if (!input || isBusy.value) return false
    isBusy.value = true
    refusal.value = await arena.create(input)
    isBusy.value = false
    if (!refusal.value) form.texts.name = ''
    return refusal.value === undefined
  }

  const isMissingSomething = computed(() => writers.value.length === 0 || prompts.value.length === 0)
  const sources = { writers, writerOptions, promptOptions, isMissingSomething }
  return { ...form, ...sources, fallbackName, isBusy, begin, create }
})
