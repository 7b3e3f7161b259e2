/** How fast somebody may ask: a store of requests that fills up again. */

export interface Pace {
  /** @returns false when there is none left: the request is refused */
  take(who: string): boolean
  /** Whether there is one left: nothing is taken. */
  has(who: string): boolean
}

/**
 * @param burst   requests that may come at once
 * @param aSecond how many more each second gives
 * @param nowMs   a clock that never goes back
 */
export function pace(burst: number, aSecond: number, nowMs: () => number): Pace {
  const known = new Map<string, { requests: number; atMs: number }>()
  const leftFor = (who: string, now: number): number => {
    const { requests, atMs } = known.get(who) ?? { requests: burst, atMs: now }
    return Math.min(burst, requests + ((now - atMs) * aSecond) / 1000)
  }
  return {
    has: (who) => leftFor(who, nowMs()) >= 1,
    take: (who) => {
      const now = nowMs()
      const requests = leftFor(who, now)
      // whoever has all has asked nothing lately and is not kept
      for (const [each, { atMs }] of known) if ((now - atMs) * aSecond > burst * 1000) known.delete(each)
      known.set(who, { requests: Math.max(0, requests - 1), atMs: now })
      return requests >= 1
    },
  }
}
