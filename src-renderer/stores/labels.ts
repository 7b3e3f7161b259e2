/** Judging: the queues there are, and the open one with its progress and its comparisons. */
import { defineStore } from 'pinia'
import { computed, ref, type Ref } from 'vue'
import type { CallInput } from '../../src-shared/contract'
import type { LabelProgress, LabelQueue } from '../../src-shared/records/comparison'
import { errorText, type StudioError } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { useApi } from '../api'
import { useComparisonsAhead } from './comparisons-ahead'
import { follow } from './following'

export const useLabels = defineStore('labels', () => {
  const api = useApi()
  const open = useOpenQueue(api)
  const queues = ref<readonly LabelQueue[]>([])
  const isLoaded = ref(false)
  const queue = computed(() => queues.value.find(({ id }) => id === open.queueId.value))

  async function load(): Promise<void> {
    const answer = await api.call('labels.queues', {})
    if (answer.ok) queues.value = answer.value
    else open.problem.value = errorText(answer.error)
    isLoaded.value = true
  }

  /** @returns what main refused */
  async function create(input: CallInput<'labels.create'>): Promise<StudioError | undefined> {
    const answer = await api.call('labels.create', input)
    if (!answer.ok) return answer.error
    queues.value = [answer.value, ...queues.value]
    open.open(answer.value.id)
    return undefined
  }

  return { ...open, queues, isLoaded, queue, load, create }
})

/** The queue that is judged, listened to for as long as it is open. */
function useOpenQueue(api: Api) {
  const queueId = ref<string>()
  const progress = ref<LabelProgress>()
  const problem = ref<string>()
  const comparisons = useComparisonsAhead(api, { queueId, progress, problem })
  let unfollow = (): void => {}

  function open(id: string | undefined): void {
    if (id === queueId.value) return
    unfollow()
    queueId.value = id
    comparisons.empty()
    progress.value = undefined
    problem.value = undefined
    if (id !== undefined) unfollow = listen(id)
  }

  function listen(id: string): () => void {
    return follow(api, 'labels.watch', {
      input: () => ({ queueId: id }),
      onItem: (item) => {
        progress.value = item
        void comparisons.fill()
      },
    })
  }

  /** Lets the queue rest: nobody looks at it. */
  function leave(): void {
    open(undefined)
  }

  const actions = useQueueActions(api, { queueId, progress, comparisons })
  const { ahead, shown, judge } = comparisons
  return { queueId, progress, problem, ahead, shown, open, leave, judge, ...actions }
}

interface OpenQueue {
  readonly queueId: Ref<string | undefined>
  readonly progress: Ref<LabelProgress | undefined>
  readonly comparisons: ReturnType<typeof useComparisonsAhead>
}

/** What is asked of main for the open queue; an answer that comes when another is open is let go. */
function useQueueActions(api: Api, { queueId, progress, comparisons }: OpenQueue) {
  /** Takes the newest verdict back and shows its comparison again. */
  async function undo(): Promise<void> {
    const id = queueId.value
    if (id === undefined) return
    const answer = await api.call('labels.undo', { queueId: id })
    if (id !== queueId.value) return
    if (!answer.ok) return comparisons.refuse(answer.error)
    progress.value = answer.value.progress
    if (answer.value.comparison) comparisons.putFirst(answer.value.comparison)
  }

  /** Asks for so many comparisons more. */
  async function more(count: number): Promise<void> {
    const id = queueId.value
    if (id === undefined) return
    const answer = await api.call('labels.more', { queueId: id, count })
    if (id !== queueId.value) return
    if (answer.ok) progress.value = answer.value
    else comparisons.refuse(answer.error)
  }

  return { undo, more }
}
