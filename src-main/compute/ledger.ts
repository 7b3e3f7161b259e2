/**
 * What an engine holds, so that it can say so and let all of it go. Opened graphs stand on a shelf with room
 * for so many bytes: beyond it, those that nobody has used for longest are let go, and opened again when
 * somebody asks.
 */
import type { EngineMemory } from './engine'
import * as tf from './tf'

export interface Holding {
  readonly graphs: number
  readonly bytes: number
  readonly dispose: () => void
}

/** An opened graph. */
export interface Shelved extends Holding {
  /** May it be let go now? Not while it runs. */
  readonly isIdle: () => boolean
}

export interface Ledger {
  /** @returns lets the holding go; a second call does nothing */
  hold(holding: Holding): () => void
  /** Makes room for it first, as far as others are idle. */
  shelve(graph: Shelved): ShelfPlace
  memory(): EngineMemory
  disposeAll(): void
}

export interface ShelfPlace {
  /** It was used: its turn to be let go comes last. */
  used(): void
  /** Lets it go; a second call does nothing. */
  release(): void
}

/** @param shelfBytes room for opened graphs */
export function createLedger(shelfBytes = Infinity): Ledger {
  const held = new Set<Holding>()
  /** Of those held, in the order of their last use. */
  const shelf = new Set<Shelved>()

  function release(holding: Holding): void {
    shelf.delete(holding as Shelved)
    if (held.delete(holding)) holding.dispose()
  }

  function makeRoom(bytes: number): void {
    let total = [...shelf].reduce((sum, graph) => sum + graph.bytes, bytes)
    for (const graph of shelf) {
      if (total <= shelfBytes) return
      if (!graph.isIdle()) continue
      total -= graph.bytes
      release(graph)
    }
  }

  const total = (what: 'graphs' | 'bytes') => [...held].reduce((sum, holding) => sum + holding[what], 0)
  return {
    hold(holding) {
      held.add(holding)
      return () => release(holding)
    },
    shelve(graph) {
      makeRoom(graph.bytes)
      held.add(graph)
      shelf.add(graph)
      return {
        used() {
          if (shelf.delete(graph)) shelf.add(graph)
        },
        release: () => release(graph),
      }
    },
    memory: () => ({ tensors: tf.memory().numTensors, graphs: total('graphs'), bytes: total('bytes') }),
    disposeAll() {
      for (const holding of held) release(holding)
    },
  }
}
