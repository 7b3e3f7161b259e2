/**
 * What an engine holds, so that it can say so and let all of it go.
 */
import type { EngineMemory } from './engine'
import * as tf from './tf'

export interface Holding {
  readonly graphs: number
  readonly bytes: number
  readonly dispose: () => void
}

export interface Ledger {
  /** @returns lets the holding go; a second call does nothing */
  hold(holding: Holding): () => void
  memory(): EngineMemory
  disposeAll(): void
}

export function createLedger(): Ledger {
  const held = new Set<Holding>()
  const release = (holding: Holding) => {
    if (held.delete(holding)) holding.dispose()
  }
  const total = (of: 'graphs' | 'bytes') => [...held].reduce((sum, holding) => sum + holding[of], 0)
  return {
    hold(holding) {
      held.add(holding)
      return () => release(holding)
    },
    memory: () => ({ tensors: tf.memory().numTensors, graphs: total('graphs'), bytes: total('bytes') }),
    disposeAll() {
      for (const holding of held) release(holding)
    },
  }
}
