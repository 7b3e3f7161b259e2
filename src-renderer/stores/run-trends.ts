/** The small curves of the list: the course of each run's headline metric. */
import { onScopeDispose, shallowRef } from 'vue'
import type { RunTrend } from '../../src-shared/records/run'
import type { Api } from '../../src-shared/wire'

const trendPoints = 60
/** So many are asked for in one call. */
const mostAtOnce = 500
/** A curve that grows is asked for again at most so often. */
const pauseMs = 2000

export function useTrends(api: Api) {
  const trends = shallowRef<ReadonlyMap<string, RunTrend>>(new Map())
  const wanted = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsking = false
  onScopeDispose(() => clearTimeout(timer))

  function ask(runIds: readonly string[]): void {
    for (const id of runIds) wanted.add(id)
    if (!isAsking && timer === undefined) void load()
  }

  async function load(): Promise<void> {
    timer = undefined
    if (wanted.size === 0) return
    const runIds = [...wanted].slice(0, mostAtOnce)
    for (const id of runIds) wanted.delete(id)
    isAsking = true
    const answer = await api.call('runs.trends', { runIds, points: trendPoints })
    isAsking = false
    if (answer.ok) put(answer.value)
    timer = setTimeout(() => void load(), pauseMs)
  }

  function put(found: readonly RunTrend[]): void {
    trends.value = new Map([...trends.value, ...found.map((trend) => [trend.runId, trend] as const)])
  }
  function forget(runId: string): void {
    trends.value = new Map([...trends.value].filter(([id]) => id !== runId))
  }

  return { trends, ask, forget }
}
