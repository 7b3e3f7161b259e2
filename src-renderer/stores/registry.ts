/** Whether the registry can still be saved into, and the copy that a person may save elsewhere. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import type { RegistryState } from '../../src-shared/records/device'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { follow } from './following'

export const useRegistry = defineStore('registry', () => {
  const api = useApi()
  const lost = ref<RegistryState['lost']>()
  const isCopying = ref(false)
  const outcome = ref<string>()

  const stop = follow(api, 'registry.watch', {
    input: () => ({}),
    onItem: (state) => {
      lost.value = state.lost
    },
  })
  onScopeDispose(stop)

  async function copy(path: string): Promise<void> {
    isCopying.value = true
    const answer = await api.call('registry.copy', { path })
    isCopying.value = false
    outcome.value = answer.ok
      ? `Saved whole at ${answer.value.path}. End the studio and open it with --registry and this path.`
      : errorText(answer.error)
  }

  return { lost, isCopying, outcome, copy }
})
