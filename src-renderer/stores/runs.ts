/** The runs: their rows as main has them, their small curves, and those that are open. */
import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, triggerRef } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { RecipeName, Run, RunTrend } from '../../src-shared/records/run'
import { errorText, type Result } from '../../src-shared/result'
import { useApi } from '../api'
import { follow } from './following'
import { watchRun, type RunWatch } from './watched-run'

/** So many runs stand in one chart, as there are colours to tell them apart. */
export const mostOpenRuns = 5
const trendPoints = 60
/** A curve of the list that grows is asked for again at most so often. */
const trendPauseMs = 2000
const groupOrder: readonly RecipeName[] = ['ppo', 'reward', 'sft', 'pretrain']

export const useRuns = defineStore('runs', () => {
  const api = useApi()
  const byId = shallowRef(new Map<string, Run>())
  const trends = shallowRef<ReadonlyMap<string, RunTrend>>(new Map())
  const isLoaded = ref(false)
  const problem = ref<string>()
  /** The first one is the one that the screen is about. */
  const openIds = ref<readonly string[]>([])
  const watches = shallowReactive(new Map<string, RunWatch>())

  const all = computed(() => [...byId.value.values()].sort((a, b) => b.createdAtMs - a.createdAtMs))
  const groups = computed(() =>
    groupOrder
      .map((recipe) => ({ recipe, runs: all.value.filter((run) => run.recipe === recipe) }))
      .filter((group) => group.runs.length > 0),
  )
  const active = computed(() => all.value.find((run) => run.state === 'running' || run.state === 'stopping'))
  const openRuns = computed(() => openIds.value.flatMap((id) => byId.value.get(id) ?? []))
  const current = computed(() => openRuns.value[0])
  const watched = computed(() => openIds.value.flatMap((id) => watches.get(id)?.watched.value ?? []))

  const unfollow = follow(api, 'runs.changes', {
    input: () => ({}),
    onItem({ runs, removed }, isFirst) {
      if (isFirst) byId.value.clear()
      for (const run of runs) byId.value.set(run.id, run)
      for (const id of removed) forget(id)
      isLoaded.value = true
      triggerRef(byId)
      askForTrends(isFirst ? [...byId.value.keys()] : runs.map((run) => run.id))
    },
    onProblem(sentence) {
      problem.value = sentence
    },
  })
  onScopeDispose(() => {
    unfollow()
    open([])
  })

  function forget(runId: string): void {
    byId.value.delete(runId)
    trends.value = new Map([...trends.value].filter(([id]) => id !== runId))
    if (openIds.value.includes(runId)) open(openIds.value.filter((id) => id !== runId))
  }

  /** A run that main has just answered with is known at once; the stream may say so a moment later. */
  function add(run: Run): void {
    if (byId.value.has(run.id)) return
    byId.value.set(run.id, run)
    triggerRef(byId)
  }

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

  /** Adds a run to the charts, or takes it out. @returns false when no more fit */
  function toggle(runId: string): boolean {
    if (openIds.value.includes(runId)) open(openIds.value.filter((id) => id !== runId))
    else if (openIds.value.length >= mostOpenRuns) return false
    else open([...openIds.value, runId])
    return true
  }

  const wantedTrends = new Set<string>()
  let trendTimer: ReturnType<typeof setTimeout> | undefined
  let isAskingForTrends = false
  onScopeDispose(() => clearTimeout(trendTimer))

  function askForTrends(runIds: readonly string[]): void {
    for (const id of runIds) wantedTrends.add(id)
    if (!isAskingForTrends && trendTimer === undefined) void loadTrends()
  }

  async function loadTrends(): Promise<void> {
    trendTimer = undefined
    if (wantedTrends.size === 0) return
    const runIds = [...wantedTrends].slice(0, 500)
    for (const id of runIds) wantedTrends.delete(id)
    isAskingForTrends = true
    const answer = await api.call('runs.trends', { runIds, points: trendPoints })
    isAskingForTrends = false
    if (answer.ok)
      trends.value = new Map([...trends.value, ...answer.value.map((trend) => [trend.runId, trend] as const)])
    trendTimer = setTimeout(() => void loadTrends(), trendPauseMs)
  }

  /** @returns what went wrong, in words */
  async function act<K extends 'runs.stop' | 'runs.resume' | 'runs.rename' | 'runs.remove'>(
    name: K,
    input: CallInput<K>,
  ): Promise<string | undefined> {
    const answer: Result<unknown> = await api.call(name, input)
    return answer.ok ? undefined : errorText(answer.error)
  }

  return {
    all,
    groups,
    active,
    byId,
    trends,
    isLoaded,
    problem,
    openIds,
    openRuns,
    current,
    watched,
    add,
    open,
    toggle,
    stop: (runId: string) => act('runs.stop', { runId }),
    resume: (runId: string) => act('runs.resume', { runId }),
    rename: (runId: string, name: string) => act('runs.rename', { runId, name }),
    remove: (runId: string) => act('runs.remove', { runId }),
  }
})
