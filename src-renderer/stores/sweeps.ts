/** The sweeps, and how the runs of each stand. */
import { defineStore } from 'pinia'
import { onScopeDispose, ref } from 'vue'
import type { Sweep } from '../../src-shared/records/sweep'
import { errorText } from '../../src-shared/result'
import { measuredBy, type Ranked } from '../../src-shared/sweeps/ranking'
import { useApi } from '../api'
import { follow } from './following'
import { useRuns } from './runs'

export const useSweeps = defineStore('sweeps', () => {
  const api = useApi()
  const runs = useRuns()
  const all = ref<readonly Sweep[]>([])
  const isLoaded = ref(false)
  const unfollow = follow(api, 'sweeps.changes', {
    input: () => ({}),
    onItem(sweeps) {
      all.value = sweeps
      isLoaded.value = true
    },
  })
  onScopeDispose(unfollow)

  const rankedOf = (sweep: Sweep): readonly Ranked[] =>
    sweep.runIds.flatMap((id) => {
      const run = runs.byId.get(id)
      const value = runs.trends.get(id)?.last?.[measuredBy(sweep)]
      return run ? [{ run, ...(value !== undefined && { value }) }] : []
    })

  async function act(name: 'sweeps.stop' | 'sweeps.resume', sweepId: string): Promise<string | undefined> {
    const answer = await api.call(name, { sweepId })
    return answer.ok ? undefined : errorText(answer.error)
  }
  return {
    all,
    isLoaded,
    rankedOf,
    stop: (sweepId: string) => act('sweeps.stop', sweepId),
    resume: (sweepId: string) => act('sweeps.resume', sweepId),
  }
})
