/** Datasets that go out as files, one at a time. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import { errorText } from '../../src-shared/result'
import { bytesText, countOf } from '../../src-shared/sizes'
import { useApi } from '../api'
import { useToasts } from './toasts'

export const useDatasetExport = defineStore('dataset-export', () => {
  const api = useApi()
  const toasts = useToasts()
  const isBusy = ref(false)
  /** Why nothing was written. */
  const problem = ref<string>()

  /** @returns whether it was written */
  async function send(wish: CallInput<'datasets.export'>): Promise<boolean> {
    problem.value = undefined
    isBusy.value = true
    const answer = await api.call('datasets.export', wish)
    isBusy.value = false
    if (!answer.ok) {
      problem.value = errorText(answer.error)
      return false
    }
    const { path, rows, bytes } = answer.value
    toasts.show(`Written to ${path}: ${countOf(rows, 'row')}, ${bytesText(bytes)}.`)
    return true
  }
  function forget(): void {
    problem.value = undefined
  }
  return { isBusy, problem, send, forget }
})
