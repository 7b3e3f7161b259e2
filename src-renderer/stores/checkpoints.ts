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
  const problem = ref<string>()
  const byId = computed(() => new Map(all.value.map((checkpoint) => [checkpoint.id, checkpoint])))

  onScopeDispose(
    follow(api, 'checkpoints.watch', {
      input: () => ({}),
      onItem(checkpoints) {
        all.value = [...checkpoints].sort((a, b) => b.createdAtMs - a.createdAtMs || b.step - a.step)
        isLoaded.value = true
      },
      onProblem(sentence) {
        problem.value = sentence
      },
    }),
  )

  return { all, byId, isLoaded, problem }
})
