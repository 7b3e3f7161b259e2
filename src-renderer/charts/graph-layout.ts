/**
 * Where the nodes of a directed graph stand when what feeds another stands left of it, and how its lines run: layers by
 * longest path, order within a layer by the mean place of neighbours, long lines led through the layers between
 * (Sugiyama, Tagawa & Toda 1981). An edge that would close a circle counts for no layer.
 */

export interface GraphEdge {
  readonly from: string
  readonly to: string
}
export interface PlacedNode {
  readonly id: string
  readonly layer: number
  /** Place within its layer, from 0; the free places between are those of lines that pass. */
  readonly row: number
}
export interface PlacedEdge extends GraphEdge {
  /** Row in each layer that it passes, from the one after its beginning to the one of its end. */
  readonly rows: readonly number[]
}
export interface Layout {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
  readonly layers: number
  /** The most that stand in one layer. */
  readonly rows: number
}

/** Back and forth so many times: more no longer changes graphs of this size. */
const sweeps = 8

/** @param ids in the order in which equal ones stand */
export function layOut(ids: readonly string[], edges: readonly GraphEdge[]): Layout {
  const known = new Set(ids)
  const wanted = edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to))
  const layerOf = layersOf(ids, wanted)
  const forward = wanted.filter(({ from, to }) => layerOf(from) < layerOf(to))
  const { columns, links, paths } = columnsOf(ids, forward, layerOf)
  const ordered = orderedColumns(columns, links)
  const rowOf = new Map(ordered.flatMap((column) => column.map((id, row) => [id, row] as const)))
  return {
    nodes: ids.map((id) => ({ id, layer: layerOf(id), row: rowOf.get(id) ?? 0 })),
    edges: forward.map((edge, index) => ({
      ...edge,
      rows: (paths[index] ?? []).map((id) => rowOf.get(id) ?? 0),
    })),
    layers: ordered.length,
    rows: Math.max(0, ...ordered.map((column) => column.length)),
  }
}

/** The longest way from a node that nothing feeds. */
function layersOf(ids: readonly string[], edges: readonly GraphEdge[]): (id: string) => number {
  const feeding = neighbours(edges, 'to', 'from')
  const layers = new Map<string, number>()
  const onTheWay = new Set<string>()
  function visit(id: string): number {
    const found = layers.get(id)
    if (found !== undefined) return found
    if (onTheWay.has(id)) return -1
    onTheWay.add(id)
    const layer = 1 + Math.max(-1, ...(feeding.get(id) ?? []).map(visit))
    onTheWay.delete(id)
    layers.set(id, layer)
    return layer
  }
  for (const id of ids) visit(id)
  return (id) => layers.get(id) ?? 0
}

function neighbours(edges: readonly GraphEdge[], of: keyof GraphEdge, other: keyof GraphEdge) {
  const found = new Map<string, string[]>()
  for (const edge of edges) found.set(edge[of], [...(found.get(edge[of]) ?? []), edge[other]])
  return found
}

/** Layer by layer what stands there: nodes, and for each line that passes a stand-in of its own. */
function columnsOf(ids: readonly string[], edges: readonly GraphEdge[], layerOf: (id: string) => number) {
  const columns: string[][] = Array.from({ length: 1 + Math.max(-1, ...ids.map(layerOf)) }, () => [])
  for (const id of ids) columns[layerOf(id)]?.push(id)
  const links: GraphEdge[] = []
  const paths = edges.map(({ from, to }, index) => {
    const path: string[] = []
    for (let layer = layerOf(from) + 1; layer < layerOf(to); layer++) {
      const passing = `line ${index} ${layer}`
      columns[layer]?.push(passing)
      path.push(passing)
    }
    path.push(to)
    for (const [place, id] of path.entries()) links.push({ from: path[place - 1] ?? from, to: id })
    return path
  })
  return { columns, links, paths }
}

function orderedColumns(
  columns: readonly (readonly string[])[],
  links: readonly GraphEdge[],
): readonly (readonly string[])[] {
  const before = neighbours(links, 'to', 'from')
  const after = neighbours(links, 'from', 'to')
  let ordered = columns.map((column) => [...column])
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isForth = sweep % 2 === 0
    const passed = isForth ? ordered : ordered.toReversed()
    for (const [place, column] of passed.entries()) {
      const beside = passed[place - 1]
      if (beside) passed[place] = byMeanOf(column, beside, isForth ? before : after)
    }
    ordered = isForth ? passed : passed.toReversed()
  }
  return ordered
}

/** What has no neighbour there keeps its place. */
function byMeanOf(
  column: readonly string[],
  beside: readonly string[],
  linked: ReadonlyMap<string, readonly string[]>,
): string[] {
  const rowOf = new Map(beside.map((id, row) => [id, row]))
  return column
    .map((id, row) => {
      const rows = (linked.get(id) ?? []).flatMap((other) => rowOf.get(other) ?? [])
      const mean = rows.length === 0 ? row : rows.reduce((sum, each) => sum + each, 0) / rows.length
      return { id, mean, row }
    })
    .sort((a, b) => a.mean - b.mean || a.row - b.row)
    .map(({ id }) => id)
}
