/** The queue that is judged, listened to for as long as it is open. */
import { ref, type Ref } from 'vue'
import type { LabelProgress } from '../../src-shared/records/comparison'
import type { Api } from '../../src-shared/wire'
import { namedBy } from '../composables/annotator'
import { useComparisonsAhead } from './comparisons-ahead'
import { follow } from './following'

export function useOpenQueue(api: Api) {
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
  const { ahead, shown, isForOthers, judge } = comparisons
  return { queueId, progress, problem, ahead, shown, isForOthers, open, leave, judge, ...actions }
}

interface OpenQueue {
  readonly queueId: Ref<string | undefined>
  readonly progress: Ref<LabelProgress | undefined>
  readonly comparisons: ReturnType<typeof useComparisonsAhead>
}

/** What is asked of main for the open queue; an answer that comes when another is open is let go. */
function useQueueActions(api: Api, { queueId, progress, comparisons }: OpenQueue) {
  /** Takes one's own newest verdict back and shows its comparison again. */
  async function undo(): Promise<void> {
    const id = queueId.value
    if (id === undefined) return
    const answer = await api.call('labels.undo', { queueId: id, ...namedBy() })
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
