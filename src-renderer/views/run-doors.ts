/** Where runs of the table lead: to their curves, or to their texts side by side. */
import { computed, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { Run } from '../../src-shared/records/run'
import { useCheckpoints } from '../stores/checkpoints'
import { mostOpenRuns } from '../stores/open-runs'
import { useRuns } from '../stores/runs'
import { useToasts } from '../stores/toasts'

export function useRunDoors(chosen: Readonly<Ref<readonly Run[]>>) {
  const runs = useRuns()
  const checkpoints = useCheckpoints()
  const toasts = useToasts()
  const router = useRouter()

  /** The newest checkpoint that writes, of each. */
  const writing = computed(() =>
    chosen.value.flatMap(
      ({ id }) => checkpoints.all.find(({ runId, kind }) => runId === id && kind === 'language-model') ?? [],
    ),
  )
  const canCompare = computed(() => writing.value.length > 0)

  function compare(): void {
    const [left, right] = writing.value
    if (left)
      void router.push({ name: 'compare', query: { left: left.id, ...(right && { right: right.id }) } })
  }
  function open(runId: string): void {
    runs.open([runId])
    void router.push({ name: 'runs', query: { run: runId } })
  }
  function charts(): void {
    const [first] = chosen.value
    if (!first) return
    if (chosen.value.length > mostOpenRuns)
      toasts.show(`The first ${mostOpenRuns} are shown: there are so many colours.`)
    runs.open(chosen.value.map(({ id }) => id))
    void router.push({ name: 'runs', query: { run: first.id } })
  }
  return { canCompare, compare, open, charts }
}
