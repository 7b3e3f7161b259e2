/**
 * Which comparisons of a queue each window has before it. None is given to two: a verdict on what another has
 * judged meanwhile would be work for nothing. A window that only asks, and does not watch the queue, has none.
 */
import type { Asker } from '../changes/asker'

export interface HandedOut {
  /** The window labels this queue until the signal aborts; then what it had is free again. */
  watch(queueId: string, asker: Asker, signal: AbortSignal): void
  /** What the window has now, instead of what it had. */
  hold(queueId: string, asker: Asker, comparisonIds: readonly string[]): void
  /** Comparisons that the window has. */
  heldBy(queueId: string, asker: Asker): readonly string[]
  /** Comparisons that the others have. */
  heldByOthers(queueId: string, asker: Asker): readonly string[]
  /** The other windows that label this queue now, by the ids of their askers. */
  others(queueId: string, asker: Asker): readonly string[]
  /** How many comparisons all windows have. */
  count(queueId: string): number
}

export function handedOut(): HandedOut {
  /** By queue, by window. */
  const windows = new Map<string, Map<string, readonly string[]>>()
  const of = (queueId: string): ReadonlyMap<string, readonly string[]> => windows.get(queueId) ?? new Map()
  const besides = (queueId: string, asker: Asker) => [...of(queueId)].filter(([id]) => id !== asker.id)

  return {
    watch(queueId, asker, signal) {
      const labelling = windows.get(queueId) ?? new Map<string, readonly string[]>()
      windows.set(queueId, labelling.set(asker.id, labelling.get(asker.id) ?? []))
      signal.addEventListener('abort', () => labelling.delete(asker.id), { once: true })
    },
    hold(queueId, asker, comparisonIds) {
      if (of(queueId).has(asker.id)) windows.get(queueId)?.set(asker.id, comparisonIds)
    },
    heldBy: (queueId, asker) => of(queueId).get(asker.id) ?? [],
    heldByOthers: (queueId, asker) => besides(queueId, asker).flatMap(([, held]) => held),
    others: (queueId, asker) => besides(queueId, asker).map(([id]) => id),
    count: (queueId) => [...of(queueId).values()].reduce((sum, held) => sum + held.length, 0),
  }
}
