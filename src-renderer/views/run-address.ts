/** Which run is open: the address says it, and what is opened in the room is written there. */
import { watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { LineageStep } from '../stores/lineage'
import { mostOpenRuns } from '../stores/open-runs'
import { useRuns } from '../stores/runs'
import { useToasts } from '../stores/toasts'

export interface RunAddress {
  /** Opens one run alone; undefined does nothing. */
  open(runId: string | undefined): void
  /** Lays a run over those that are open, or takes it away. */
  toggle(runId: string): void
  openStep(step: LineageStep): void
}

/** The room on its way to another of its ways. */
const isElsewhere = (show: unknown): boolean => show === 'table' || show === 'lineage'

export function useRunAddress(): RunAddress {
  const runs = useRuns()
  const toasts = useToasts()
  const route = useRoute()
  const router = useRouter()

  const write = (runId: string): void => void router.replace({ name: 'runs', query: { run: runId } })

  // without a run in the address it is the run at work, else the newest
  watch(
    () => [route.name, route.query['run'], runs.isLoaded, runs.all.length] as const,
    ([name, wanted]) => {
      if (name !== 'runs' || isElsewhere(route.query['show']) || !runs.isLoaded) return
      const isKnown = typeof wanted === 'string' && runs.byId.has(wanted)
      const id = isKnown
        ? wanted
        : (runs.openIds[0] ?? runs.active?.id ?? runs.inSight[0]?.id ?? runs.all[0]?.id)
      if (id === undefined) return
      if (runs.openIds[0] !== id) runs.open([id])
      if (id !== wanted) write(id)
    },
    { immediate: true },
  )

  function open(runId: string | undefined): void {
    if (runId === undefined) return
    runs.open([runId])
    write(runId)
  }
  function toggle(runId: string): void {
    if (!runs.toggle(runId)) toasts.show(`${mostOpenRuns} runs fit in one chart: there are so many colours.`)
    const [first] = runs.openIds
    if (first !== undefined && first !== route.query['run']) write(first)
  }
  function openStep({ kind, id }: LineageStep): void {
    if (kind === 'run') open(id)
    else if (kind === 'dataset') void router.push({ name: 'datasets', query: { dataset: id } })
    else void router.push({ name: 'models', query: { checkpoint: id } })
  }
  return { open, toggle, openStep }
}
