/**
 * The comparison on screen and those ahead of it. A verdict shows the next one at once and is taken back if
 * main refuses it.
 */
import { computed, ref, shallowRef, type Ref } from 'vue'
import type { Comparison, Judged, LabelProgress } from '../../src-shared/records/comparison'
import { errorText, type StudioError } from '../../src-shared/result'
import type { Api } from '../../src-shared/wire'
import { namedBy } from '../composables/annotator'
import type { Saying } from '../words/saying'

/** Held by the page: the one shown and those that come without waiting. */
const held = 4
/** Main takes so many ids of those it must not send again. */
const mostHolding = 8

interface Queue {
  readonly queueId: Ref<string | undefined>
  readonly progress: Ref<LabelProgress | undefined>
  readonly problem: Ref<string | undefined>
}

export function useComparisonsAhead(api: Api, { queueId, progress, problem }: Queue) {
  const { ahead, shown, isForOthers, underWay, known, putFirst, empty } = useHeld()
  const fill = useOneAtATime(ask)

  async function ask(): Promise<void> {
    const id = queueId.value
    if (id === undefined || ahead.value.length >= held) return
    const holding = known().slice(0, mostHolding)
    const asked = { queueId: id, count: held - ahead.value.length, holding, ...namedBy() }
    const answer = await api.call('labels.next', asked)
    if (id !== queueId.value) return
    if (!answer.ok) return refuse(answer.error)
    isForOthers.value = answer.value.length === 0 && ahead.value.length === 0
    const here = new Set(known())
    ahead.value = [...ahead.value, ...answer.value.filter((comparison) => !here.has(comparison.id))]
  }

  /**
   * The next comparison is there at once. When main refuses the verdict its comparison comes back, with the
   * reason; not when another window has judged it meanwhile.
   */
  async function judge(saying: Saying): Promise<void> {
    const comparison = shown.value
    if (!comparison) return
    problem.value = undefined
    ahead.value = ahead.value.slice(1)
    underWay.add(comparison.id)
    const holding = known().slice(0, mostHolding)
    const told = await api.call('labels.judge', { ...saidOf(comparison, saying), holding })
    underWay.delete(comparison.id)
    if (comparison.queueId !== queueId.value) return
    if (told.ok) return takeAnswer(told.value)
    refuse(told.error)
    if (told.error.kind === 'judged-meanwhile') return fill()
    putFirst(comparison)
  }

  /** Two verdicts under way at once are answered with the same comparison: then there is one to ask for. */
  async function takeAnswer({ progress: counts, next }: Judged): Promise<void> {
    progress.value = counts
    if (!next || ahead.value.length >= held) return
    if (known().includes(next.id)) await fill()
    else ahead.value = [...ahead.value, next]
  }

  const refuse = (error: StudioError): void => void (problem.value = errorText(error))

  return { ahead, shown, isForOthers, fill, judge, putFirst, refuse, empty }
}

const saidOf = ({ id: comparisonId }: Comparison, { verdict, margin, answer }: Saying) => ({
  ...{ comparisonId, verdict, ...namedBy() },
  ...(margin && { margin }),
  ...(answer !== undefined && { answer }),
})

/** What the page holds of the queue: comparisons to be shown, and those whose verdict is on its way. */
function useHeld() {
  const ahead = shallowRef<readonly Comparison[]>([])
  const shown = computed(() => ahead.value[0])
  /** Main had nothing for this window when it was asked last. */
  const isForOthers = ref(false)
  /** Their comparisons must not come again. */
  const underWay = new Set<string>()

  /** Shows a comparison before all others. */
  function putFirst(comparison: Comparison): void {
    ahead.value = [comparison, ...ahead.value.filter(({ id }) => id !== comparison.id)]
  }
  function empty(): void {
    ahead.value = []
  }
  const known = (): readonly string[] => [...ahead.value.map(({ id }) => id), ...underWay]

  return { ahead, shown, isForOthers, underWay, known, putFirst, empty }
}

/** While it is under way, another call waits for the same answer. */
function useOneAtATime(act: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined
  return () => {
    underWay ??= act().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}
