/** The datasets, as main has them, and the files being imported. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Dataset, DatasetKind, ImportProgress } from '../../src-shared/records'
import { errorText, StudioFailure } from '../../src-shared/result'
import { useApi } from '../api'
import type { RunningImport } from '../composables/running-import'
import { follow } from './following'

const kindOrder: readonly DatasetKind[] = ['preferences', 'demonstrations', 'labelled', 'text', 'prompts']

export const useDatasets = defineStore('datasets', () => {
  const api = useApi()
  const list = shallowRef<readonly Dataset[]>([])
  const isLoaded = ref(false)
  const problem = ref<string>()
  const imports = ref<readonly RunningImport[]>([])
  const closings = new Map<number, AbortController>()
  let nextImport = 1

  onScopeDispose(follow(api, 'datasets.watch', {
    input: () => ({}),
    onItem: (datasets) => { list.value = datasets; isLoaded.value = true },
    onProblem: (sentence) => { problem.value = sentence },
  }))

  const groups = computed(() => kindOrder
    .map((kind) => ({ kind, datasets: list.value.filter((dataset) => dataset.kind === kind) }))
    .filter(({ datasets }) => datasets.length > 0))

  function change(id: number, changes: Partial<RunningImport>): void {
    imports.value = imports.value.map((one) => (one.id === id ? { ...one, ...changes } : one))
  }

  /** Imports one file whole or nothing of it. @returns the dataset; undefined when it was refused or cancelled */
  async function importFile(file: File): Promise<{ readonly dataset: Dataset; readonly isNew: boolean } | undefined> {
    const id = nextImport++
    const closing = new AbortController()
    closings.set(id, closing)
    imports.value = [...imports.value, { id, fileName: file.name, startedAtMs: Date.now() }]
    try {
      const path = await api.pathOf(file, closing.signal)
      let done: ImportProgress['done']
      for await (const progress of api.stream('datasets.import', { path }, closing.signal)) {
        change(id, { progress })
        done = progress.done
      }
      dismissImport(id)
      return done
    } catch (error) {
      if (closing.signal.aborted) dismissImport(id)
      else change(id, { problem: error instanceof StudioFailure ? errorText(error.error) : String(error instanceof Error ? error.message : error) })
      return undefined
    }
  }

  /** Cancels a running import, or puts a refusal away. */
  function dismissImport(id: number): void {
    closings.get(id)?.abort()
    closings.delete(id)
    imports.value = imports.value.filter((one) => one.id !== id)
  }

  /** @returns what went wrong, in words */
  async function rename(datasetId: string, name: string): Promise<string | undefined> {
    const answer = await api.call('datasets.rename', { datasetId, name })
    return answer.ok ? undefined : errorText(answer.error)
  }

  /** @returns what went wrong, in words */
  async function remove(datasetId: string): Promise<string | undefined> {
    const answer = await api.call('datasets.remove', { datasetId })
    return answer.ok ? undefined : errorText(answer.error)
  }

  return { list, groups, isLoaded, problem, imports, importFile, dismissImport, rename, remove }
})
