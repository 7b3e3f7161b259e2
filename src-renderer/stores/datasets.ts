/** The datasets, as main has them. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Dataset, DatasetKind } from '../../src-shared/records/dataset'
import { errorText } from '../../src-shared/result'
import { useApi } from '../api'
import { follow } from './following'

const kindOrder: readonly DatasetKind[] = [
  'preferences',
  'rankings',
  'demonstrations',
  'steps',
  'labelled',
  'text',
  'prompts',
]

export const useDatasets = defineStore('datasets', () => {
  const api = useApi()
  const list = shallowRef<readonly Dataset[]>([])
  const isLoaded = ref(false)

  onScopeDispose(
    follow(api, 'datasets.watch', {
      input: () => ({}),
      onItem: (datasets) => {
        list.value = datasets
        isLoaded.value = true
      },
    }),
  )

  const byId = computed(() => new Map(list.value.map((dataset) => [dataset.id, dataset])))
  const groups = computed(() =>
    kindOrder
      .map((kind) => ({
        kind,
        datasets: list.value
          .filter((dataset) => dataset.kind === kind)
          .toSorted((a, b) => Number(a.origin === 'judgments') - Number(b.origin === 'judgments')),
      }))
      .filter(({ datasets }) => datasets.length > 0),
  )

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

  return { list, byId, groups, isLoaded, rename, remove }
})
