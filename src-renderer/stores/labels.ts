/**
 * Judging: the comparison on screen and those ahead of it. A verdict shows the next one at once and is taken
 * back if main refuses it.
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { Comparison, LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import { errorText, type StudioError } from '../../src-shared/result'
import { useApi } from '../api'
import type { Choice } from '../words/verdict-words'
import { follow } from './following'

/** Held by the page: the one shown and those that come without waiting. */
const held = 4

export const useLabels = defineStore('labels', () => {
  const api = useApi()
  const queues = ref<readonly LabelQueue[]>([])
  const isLoaded = ref(false)
  const queueId = ref<string>()
  const ahead = shallowRef<readonly Comparison[]>([])
  const progress = ref<LabelProgress>()
  const problem = ref<string>()
  const isOffline = ref(false)
  let unfollow = (): void => {}
  let asking: Promise<void> | undefined
  /** Verdicts on their way: their comparisons must not come again. */
  const underWay = new Set<string>()

  const queue = computed(() => queues.value.find(({ id }) => id === queueId.value))
  const shown = computed(() => ahead.value[0])

  async function load(): Promise<void> {
    const answer = await api.call('labels.queues', {})
    if (answer.ok) queues.value = answer.value
    else problem.value = errorText(answer.error)
    isLoaded.value = true
  }

  function open(id: string | undefined): void {
    if (id === queueId.value) return
    unfollow()
    queueId.value = id
    ahead.value = []
    progress.value = undefined
    problem.value = undefined
    if (id === undefined) return
    unfollow = follow(api, 'labels.watch', {
      input: () => ({ queueId: id }),
      onItem: (item) => {
        progress.value = item
        void refill()
      },
      onProblem: (sentence) => {
        isOffline.value = sentence !== undefined
      },
    })
  }

  /** Lets the queue rest: nobody looks at it. */
  function leave(): void {
    open(undefined)
  }

  /** Asks for what is missing ahead; one question at a time. */
  function refill(): Promise<void> {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }

  async function ask(): Promise<void> {
    const id = queueId.value
    if (id === undefined || ahead.value.length >= held) return
    const holding = [...ahead.value.map((comparison) => comparison.id), ...underWay].slice(0, 8)
    const answer = await api.call('labels.next', { queueId: id, count: held - ahead.value.length, holding })
    if (id !== queueId.value) return
    if (!answer.ok) {
      problem.value = errorText(answer.error)
      return
    }
    const known = new Set([...ahead.value.map((comparison) => comparison.id), ...underWay])
    ahead.value = [...ahead.value, ...answer.value.filter((comparison) => !known.has(comparison.id))]
  }

  /**
   * The next comparison is there at once. When main refuses the verdict its comparison comes back, with the
   * reason.
   */
  async function judge({ verdict, margin }: Choice): Promise<void> {
    const comparison = shown.value
    if (!comparison) return
    problem.value = undefined
    ahead.value = ahead.value.slice(1)
    underWay.add(comparison.id)
    const answer = await api.call('labels.judge', {
      comparisonId: comparison.id,
      verdict,
      ...(margin && { margin }),
    })
    underWay.delete(comparison.id)
    if (comparison.queueId !== queueId.value) return
    if (answer.ok) progress.value = answer.value
    else {
      ahead.value = [comparison, ...ahead.value]
      problem.value = errorText(answer.error)
    }
    await refill()
  }

  /** Takes the newest verdict back and shows its comparison again. */
  async function undo(): Promise<void> {
    const id = queueId.value
    if (id === undefined) return
    const answer = await api.call('labels.undo', { queueId: id })
    if (id !== queueId.value) return
    if (!answer.ok) {
      problem.value = errorText(answer.error)
      return
    }
    const { comparison } = answer.value
    progress.value = answer.value.progress
    if (comparison) ahead.value = [comparison, ...ahead.value.filter((one) => one.id !== comparison.id)]
  }

  /** @returns what main refused */
  async function create(input: CallInput<'labels.create'>): Promise<StudioError | undefined> {
    const answer = await api.call('labels.create', input)
    if (!answer.ok) return answer.error
    queues.value = [answer.value, ...queues.value]
    open(answer.value.id)
    return undefined
  }

  return {
    queues,
    isLoaded,
    queueId,
    queue,
    shown,
    ahead,
    progress,
    problem,
    isOffline,
    load,
    open,
    leave,
    judge,
    undo,
    create,
  }
})
