/** Runs go into the bin at once and come back by undo; out of the bin they are deleted for good, one by one. */
import { computed, ref, type Ref } from 'vue'
import type { Run } from '../../src-shared/records/run'
import { useRemoval } from '../stores/removal'
import { useRunMarking } from '../stores/run-marking'
import { useRuns } from '../stores/runs'
import { useToasts } from '../stores/toasts'

export function useRunBin(chosen: Readonly<Ref<readonly Run[]>>) {
  const runs = useRuns()
  const marking = useRunMarking()
  const removal = useRemoval()
  const toasts = useToasts()
  const isAsking = ref(false)

  function throwAway(): void {
    if (chosen.value.some(({ shelf }) => shelf === 'bin')) void ask()
    else void marking.put(chosen.value, 'bin')
  }
  async function ask(): Promise<void> {
    const [first, second] = chosen.value
    if (first) isAsking.value = second !== undefined || (await removal.ask('run', first.id))
  }
  /** What keeps one of them keeps only that one. */
  async function removeForGood(): Promise<void> {
    isAsking.value = false
    for (const { id } of [...chosen.value]) {
      const problem = await runs.remove(id)
      if (problem !== undefined) toasts.show(problem, { isFailure: true })
    }
  }
  /** Of several, each that is used is kept by itself, and says so. */
  const keptBy = computed(() => (chosen.value.length > 1 ? undefined : removal.keptBy))
  return { isAsking, keptBy, throwAway, removeForGood }
}
