/** Which keys of servers elsewhere are kept, by name. A key goes to main once and is not held here. */
import { defineStore } from 'pinia'
import { ref, shallowRef, watch } from 'vue'
import type { KeptKeys } from '../../src-shared/records/kept-keys'
import { errorText, type Result } from '../../src-shared/result'
import { useApi } from '../api'

export const useKeys = defineStore('keys', () => {
  const api = useApi()
  const kept = shallowRef<KeptKeys>()
  const problem = ref<string>()

  async function answered(question: Promise<Result<KeptKeys>>): Promise<boolean> {
    const answer = await question
    problem.value = answer.ok ? undefined : errorText(answer.error)
    if (answer.ok) kept.value = answer.value
    return answer.ok
  }
  watch(
    api.isConnected,
    (isConnected) => {
      if (isConnected) void answered(api.call('keys.list', {}))
    },
    { immediate: true },
  )
  return {
    kept,
    problem,
    /** @returns whether it is kept */
    keep: (name: string, key: string) => answered(api.call('keys.keep', { name, key })),
    forget: (name: string) => answered(api.call('keys.forget', { name })),
  }
})
