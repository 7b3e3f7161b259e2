/** Lengths in tokens: counted when a person asks, until another model, dataset or none is asked for. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { StreamInput } from '../../src-shared/contract'
import type { TokenLengthsProgress } from '../../src-shared/records/token-lengths'
import { errorText, StudioFailure } from '../../src-shared/result'
import { useApi } from '../api'

export const useTokenLengths = defineStore('token-lengths', () => {
  const api = useApi()
  const progress = shallowRef<TokenLengthsProgress>()
  const problem = ref<string>()
  let counting = new AbortController()

  function forget(): void {
    counting.abort()
    counting = new AbortController()
    progress.value = undefined
    problem.value = undefined
  }
  async function count(question: StreamInput<'datasets.tokenLengths'>): Promise<void> {
    forget()
    const { signal } = counting
    try {
      for await (const item of api.stream('datasets.tokenLengths', question, signal))
        if (!signal.aborted) progress.value = item
    } catch (error) {
      if (!signal.aborted)
        problem.value = error instanceof StudioFailure ? errorText(error.error) : String(error)
    }
  }
  return { progress, problem, count, forget }
})
