/** The runs whose curves are on screen: each is watched for as long as it is open. */
import { computed, onScopeDispose, ref, shallowReactive, type ShallowRef } from 'vue'
import type { Run } from '../../src-shared/records/run'
import type { Api } from '../../src-shared/wire'
import { watchRun, type RunWatch } from './watched-run'

/** So many runs stand in one chart, as there are colours to tell them apart. */
export const mostOpenRuns = 5

export function useOpenRuns(api: Api, byId: Readonly<ShallowRef<ReadonlyMap<string, Run>>>) {
  /** The first one is the one that the screen is about. */
  const openIds = ref<readonly string[]>([])
  const watches = shallowReactive(new Map<string, RunWatch>())
  const openRuns = computed(() => openIds.value.flatMap((id) => byId.value.get(id) ?? []))
  const current = computed(() => openRuns.value[0])
  const watched = computed(() => openIds.value.flatMap((id) => watches.get(id)?.watched.value ?? []))
  onScopeDispose(() => open([]))

  /**
   * Opens exactly these runs, the first as the one the screen is about. What is still open goes on
   * undisturbed.
   */
  function open(runIds: readonly string[]): void {
    const wanted = [...new Set(runIds)].slice(0, mostOpenRuns)
    for (const [id, watch] of watches) {
      if (wanted.includes(id)) continue
      watch.close()
      watches.delete(id)
    }
    for (const id of wanted) if (!watches.has(id)) watches.set(id, watchRun(api, id))
    openIds.value = wanted
  }

  function close(runId: string): void {
    if (openIds.value.includes(runId)) open(openIds.value.filter((id) => id !== runId))
  }

  /** Adds a run to the charts, or takes it out. @returns false when no more fit */
  function toggle(runId: string): boolean {
    if (openIds.value.includes(runId)) close(runId)
    else if (openIds.value.length >= mostOpenRuns) return false
    else open([...openIds.value, runId])
    return true
  }

  return { openIds, openRuns, current, watched, open, close, toggle }
}
