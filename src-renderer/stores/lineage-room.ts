/** The lineage of all there is, and what of it belongs to one thing. */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { useArena } from './arena/arena'
import { useCheckpoints } from './checkpoints'
import { useDatasets } from './datasets'
import { useLabels } from './labels'
import { lineageGraph, type LineageGraph } from './lineage-graph'
import { useRuns } from './runs'

export const useLineage = defineStore('lineage-room', () => {
  const runs = useRuns()
  const checkpoints = useCheckpoints()
  const datasets = useDatasets()
  const labels = useLabels()
  const arena = useArena()
  /** Whether what does not belong to the selected one is left out. */
  const isLineOnly = ref(false)

  const graph = computed(() =>
    lineageGraph({
      runs: runs.all,
      checkpoints: checkpoints.all,
      datasets: datasets.list,
      queues: labels.queues,
      arenas: arena.arenas,
    }),
  )
  const load = (): Promise<unknown> => Promise.all([labels.load(), arena.load()])

  /** What it was made from and what was made from it, at any remove, with itself. */
  function lineOf(id: string | undefined): ReadonlySet<string> {
    if (id === undefined) return new Set()
    return new Set([...reached(graph.value, id, 'from', 'to'), ...reached(graph.value, id, 'to', 'from')])
  }
  /** What stands next to it on one side. */
  function beside(id: string | undefined, side: 'from' | 'to') {
    const other = side === 'from' ? 'to' : 'from'
    return graph.value.edges
      .filter((edge) => edge[other] === id)
      .flatMap((edge) => {
        const node = graph.value.nodes.find((one) => one.id === edge[side])
        return node ? [{ ...node, detail: edge.detail || node.detail }] : []
      })
  }
  const only = (line: ReadonlySet<string>): LineageGraph => ({
    nodes: graph.value.nodes.filter(({ id }) => line.has(id)),
    edges: graph.value.edges.filter(({ from, to }) => line.has(from) && line.has(to)),
  })
  return { graph, isLineOnly, load, lineOf, beside, only }
})

function reached({ edges }: LineageGraph, id: string, here: 'from' | 'to', there: 'from' | 'to') {
  const found = new Set([id])
  // a set that is walked also hands out what is put into it meanwhile
  for (const each of found) for (const edge of edges) if (edge[here] === each) found.add(edge[there])
  return found
}
