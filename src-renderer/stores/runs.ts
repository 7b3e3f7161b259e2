/** The runs: their rows as main has them, their small curves, and those that are open. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef, triggerRef } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { QueueMove, Run } from '../../src-shared/records/run'
import type { RunMark } from '../../src-shared/records/run-marks'
import { recipeNames } from '../../src-shared/recipes/recipes'
import { errorText, type Result } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { useApi } from '../api'
import { follow } from './following'
import { useOpenRuns } from './open-runs'
import { useTrends } from './run-trends'

/** What was made last stands first. */
const groupOrder = recipeNames.toReversed()

export const useRuns = defineStore('runs', () => {
  const api = useApi()
  const rows = useRows()
  const trends = useTrends()
  const { close, ...opened } = useOpenRuns(api, rows.byId)

  const unfollow = follow(api, 'runs.changes', {
    input: () => ({}),
    onItem({ runs, removed, trends: found }, isFirst) {
      rows.take(runs, removed, isFirst)
      for (const id of removed) {
        trends.forget(id)
        close(id)
      }
      trends.put(found)
    },
  })
  onScopeDispose(unfollow)

  const { take: _take, ...shown } = rows
  const list = { ...shown, trends: trends.trends }
  return { ...list, ...opened, ...runActions(api) }
})

/** The rows by id, newest run first. */
function useRows() {
  const byId = shallowRef(new Map<string, Run>())
  const isLoaded = ref(false)
  const all = computed(() => [...byId.value.values()].sort((a, b) => b.createdAtMs - a.createdAtMs))
  const inSight = computed(() => all.value.filter(({ shelf }) => shelf === undefined))
  const groups = computed(() =>
    groupOrder
      .map((recipe) => ({ recipe, runs: inSight.value.filter((run) => run.recipe === recipe) }))
      .filter((group) => group.runs.length > 0),
  )
  const active = computed(() => all.value.find((run) => run.state === 'running' || run.state === 'stopping'))

  /** How many wait, and which place a run has among them, from 1; undefined for one that does not wait. */
  const queued = computed(() =>
    all.value.filter(({ state }) => state === 'queued').sort((a, b) => (a.turn ?? 0) - (b.turn ?? 0)),
  )
  const waiting = computed(() => queued.value.length)
  function queuePlaceOf(runId: string): number | undefined {
    const index = queued.value.findIndex((run) => run.id === runId)
    return index < 0 ? undefined : index + 1
  }

  /** @param isFirst these are all there are */
  function take(runs: readonly Run[], removed: readonly string[], isFirst: boolean): void {
    if (isFirst) byId.value.clear()
    for (const run of runs) byId.value.set(run.id, run)
    for (const id of removed) byId.value.delete(id)
    isLoaded.value = true
    triggerRef(byId)
  }

  /** A run that main has just answered with is known at once; the stream may say so a moment later. */
  function add(run: Run): void {
    if (byId.value.has(run.id)) return
    byId.value.set(run.id, run)
    triggerRef(byId)
  }

  return { byId, isLoaded, all, inSight, groups, active, waiting, queuePlaceOf, take, add }
}

/** Each answers with what went wrong, in words. */
function runActions(api: Api) {
  async function act<
    K extends 'runs.stop' | 'runs.move' | 'runs.resume' | 'runs.rename' | 'runs.remove' | 'runs.mark',
  >(name: K, input: CallInput<K>): Promise<string | undefined> {
    const answer: Result<unknown> = await api.call(name, input)
    return answer.ok ? undefined : errorText(answer.error)
  }
  return {
    stop: (runId: string) => act('runs.stop', { runId }),
    move: (runId: string, move: QueueMove) => act('runs.move', { runId, move }),
    resume: (runId: string) => act('runs.resume', { runId }),
    rename: (runId: string, name: string) => act('runs.rename', { runId, name }),
    remove: (runId: string) => act('runs.remove', { runId }),
    mark: (marks: readonly RunMark[]) => act('runs.mark', { marks }),
  }
}
