/** The graphs of a program where they run: opened once per set of shapes, let go to make room. */
import type { Batch } from '../engine'
import type { Graph } from '../graph/graph'
import type { Ledger, ShelfPlace } from '../ledger'
import type { ParameterSpec } from '../parameters'
import { shapesKey, type Recordings } from './graphs'

/** What a graph has become where it runs. */
export interface OpenGraph {
  /** Of all that it keeps while it is open. */
  readonly bytes: number
  dispose(): void
}

export interface OpenGraphs<T extends OpenGraph> {
  /**
   * Works with the graph for these shapes, which is opened when it is not: at the first call, or when it was
   * let go to make room.
   */
  use<R>(spec: ParameterSpec, batch: Batch, work: (graph: T) => R | Promise<R>): Promise<R>
  dispose(): void
}

/** One set of shapes. */
interface Entry<T> {
  readonly graph: Promise<T>
  /** Once it is open. */
  onShelf?: ShelfPlace
  users: number
}

export function openGraphs<T extends OpenGraph>(
  recordings: Recordings,
  open: (graph: Graph) => Promise<T>,
  ledger: Ledger,
): OpenGraphs<T> {
  const entries = new Map<string, Entry<T>>()
  let isDisposed = false

  function enter(key: string, spec: ParameterSpec, batch: Batch): Entry<T> {
    const forget = () => entries.delete(key)
    const entry = opening(async () => open(recordings(spec, batch)), ledger, {
      isWanted: () => !isDisposed,
      forget,
    })
    entries.set(key, entry)
    entry.graph.catch(forget) // asked again, it is tried again
    return entry
  }

  return {
    async use(spec, batch, work) {
      if (isDisposed) throw new Error('this program is disposed')
      const key = shapesKey(spec, batch)
      const entry = entries.get(key) ?? enter(key, spec, batch)
      entry.users++
      try {
        const graph = await entry.graph
        entry.onShelf?.used()
        return await work(graph)
      } finally {
        entry.users--
      }
    },
    dispose() {
      isDisposed = true
      for (const { onShelf } of entries.values()) onShelf?.release()
    },
  }
}

/** Opens a graph and puts it on the shelf, unless nobody wants it by then. */
function opening<T extends OpenGraph>(
  open: () => Promise<T>,
  ledger: Ledger,
  { isWanted, forget }: { readonly isWanted: () => boolean; readonly forget: () => void },
): Entry<T> {
  const entry: Entry<T> = { graph: openAndShelve(), users: 0 }
  async function openAndShelve(): Promise<T> {
    const graph = await open()
    const isIdle = () => entry.users === 0
    const dispose = () => {
      forget()
      graph.dispose()
    }
    entry.onShelf = ledger.shelve({ graphs: 1, bytes: graph.bytes, isIdle, dispose })
    if (!isWanted()) entry.onShelf.release()
    return graph
  }
  return entry
}
