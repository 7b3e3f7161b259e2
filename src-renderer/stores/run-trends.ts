/** The small curves of the list: the course of each run's headline metric, as they come with the runs. */
import { shallowRef } from 'vue'
import type { RunTrend } from '../../src-shared/records/run'

export function useTrends() {
  const trends = shallowRef<ReadonlyMap<string, RunTrend>>(new Map())

  function put(found: readonly RunTrend[]): void {
    if (found.length === 0) return
    trends.value = new Map([...trends.value, ...found.map((trend) => [trend.runId, trend] as const)])
  }
  function forget(runId: string): void {
    trends.value = new Map([...trends.value].filter(([id]) => id !== runId))
  }

  return { trends, put, forget }
}
