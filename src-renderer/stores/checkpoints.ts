/** The checkpoints there are, newest first. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Checkpoint } from '../../src-shared/records/checkpoint'
import { useApi } from '../api'
import { follow } from './following'

export const useCheckpoints = defineStore('checkpoints', () => {
  const api = useApi()
  const all = shallowRef<readonly Checkpoint[]>([])
  const isLoaded = ref(false)
  const byId = computed(() => new Map(all.value.map((checkpoint) => [checkpoint.id, checkpoint])))
  /** The newest checkpoint of each run, and those without one: each has a tokenizer to look through. */
  const oneOfEachRun = computed(() => {
    const newest = new Map<string, string>()
    for (const { id, runId } of all.value)
      if (runId !== undefined && !newest.has(runId)) newest.set(runId, id)
    return all.value.filter(({ id, runId }) => runId === undefined || newest.get(runId) === id)
  })

  onScopeDispose(
    follow(api, 'checkpoints.watch', {
      input: () => ({}),
      onItem(checkpoints) {
        all.value = [...checkpoints].sort((a, b) => b.createdAtMs - a.createdAtMs || b.step - a.step)
        isLoaded.value = true
      },
    }),
  )

  return { all, byId, oneOfEachRun, isLoaded }
})
