/** Rows that are much alike: looked for when a person asks, until the dialog is closed. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { StreamInput } from '../../src-shared/contract'
import type { NearProgress } from '../../src-shared/records/near'
import { errorText, StudioFailure } from '../../src-shared/result'
import { useApi } from '../api'

export const useNear = defineStore('near', () => {
  const api = useApi()
  const progress = shallowRef<NearProgress>()
  const problem = ref<string>()
  const isLooking = ref(false)
  let looking = new AbortController()

  function forget(): void {
    looking.abort()
    looking = new AbortController()
    progress.value = undefined
    problem.value = undefined
    isLooking.value = false
  }
  async function look(question: StreamInput<'datasets.near'>): Promise<void> {
    forget()
    const { signal } = looking
    isLooking.value = true
    try {
      for await (const item of api.stream('datasets.near', question, signal))
        if (!signal.aborted) progress.value = item
    } catch (error) {
      if (!signal.aborted) problem.value = problemOf(error)
    }
    if (!signal.aborted) isLooking.value = false
  }
  return { progress, problem, isLooking, look, forget }
})

const problemOf = (error: unknown): string =>
  error instanceof StudioFailure ? errorText(error.error) : String(error)
