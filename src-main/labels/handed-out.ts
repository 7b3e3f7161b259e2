/**
 * Which comparisons of a queue each window has before it. None is given to two: a verdict on what another has
 * judged meanwhile would be work for nothing. A window that only asks, and does not watch the queue, has none; a member
 * of a team has what was handed out for a while longer, so that a line that drops, or a server that is started again,
 * gives it to nobody else.
 */
import type { Asker } from '../changes/asker'
import { noLeases, type KeptLeases, type Lease } from '../team/kept-leases'

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

/** How long what a member had waits for them after their line is gone. */
export const leaseMs = 120_000

interface Held {
  readonly queueId: string
  readonly person: string | undefined
  readonly comparisonIds: readonly string[]
  /** Absent while the window watches. */
  readonly untilMs?: number
}

/** @param nowMs a clock that never goes back */
export function handedOut(kept: KeptLeases = noLeases, nowMs = (): number => performance.now()): HandedOut {
  const { all, set, besides, standing } = windows(kept, nowMs)
  return {
    watch(queueId, asker, signal) {
      const key = keyOf(queueId, asker)
      all.set(key, { queueId, person: asker.person, comparisonIds: all.get(key)?.comparisonIds ?? [] })
      signal.addEventListener(
        'abort',
        () => {
          const held = all.get(key)
          set(key, held && asker.person !== undefined ? { ...held, untilMs: nowMs() + leaseMs } : undefined)
        },
        { once: true },
      )
    },
    hold(queueId, asker, comparisonIds) {
      const before = all.get(keyOf(queueId, asker))
      if (!before && asker.person === undefined) return
      for (const [each, held] of besides(queueId, asker))
        if (isLeftTo(asker, held))
          all.set(each, { ...held, comparisonIds: without(held.comparisonIds, comparisonIds) })
      const untilMs = before ? before.untilMs : nowMs() + leaseMs
      const held = { queueId, person: asker.person, comparisonIds }
      set(keyOf(queueId, asker), { ...held, ...(untilMs !== undefined && { untilMs }) })
    },
    heldBy: (queueId, asker) => all.get(keyOf(queueId, asker))?.comparisonIds ?? [],
    heldByOthers: (queueId, asker) =>
      besides(queueId, asker).flatMap(([, held]) => (isLeftTo(asker, held) ? [] : held.comparisonIds)),
    others: (queueId, asker) =>
      besides(queueId, asker)
        .filter(([, held]) => isWatching(held))
        .map(([key]) => key.slice(queueId.length + 1)),
    count: (queueId) => standing(queueId).reduce((sum, [, held]) => sum + held.comparisonIds.length, 0),
  }
}

const keyOf = (queueId: string, { id }: Asker): string => `${queueId} ${id}`
const isWatching = ({ untilMs }: Held): boolean => untilMs === undefined
/** A line that dropped leaves what it had to the same person alone. */
const isLeftTo = ({ person }: Asker, held: Held): boolean =>
  person !== undefined && !isWatching(held) && held.person === person

/** What each window has, by window; what was kept from before is of windows that are gone. */
function windows(kept: KeptLeases, nowMs: () => number) {
  const all = new Map<string, Held>(
    kept.read().map((lease, index) => [`kept ${index}`, { ...lease, untilMs: nowMs() + leaseMs }]),
  )
  const standing = (queueId: string): readonly (readonly [string, Held])[] => {
    for (const [key, { untilMs }] of all) if (untilMs !== undefined && untilMs <= nowMs()) all.delete(key)
    return [...all].filter(([, held]) => held.queueId === queueId)
  }
  return {
    all,
    standing,
    besides: (queueId: string, asker: Asker) =>
      standing(queueId).filter(([key]) => key !== keyOf(queueId, asker)),
    set: (key: string, held: Held | undefined): void => {
      if (held === undefined) all.delete(key)
      else all.set(key, held)
      if (kept !== noLeases) kept.write(leasesIn([...all.values()]))
    },
  }
}

const without = (ids: readonly string[], gone: readonly string[]): readonly string[] =>
  ids.filter((id) => !gone.includes(id))

const leasesIn = (all: readonly Held[]): readonly Lease[] =>
  all.flatMap(({ queueId, person, comparisonIds }) =>
    person === undefined || comparisonIds.length === 0 ? [] : [{ queueId, person, comparisonIds }],
  )
