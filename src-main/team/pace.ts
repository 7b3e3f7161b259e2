/** How fast somebody may ask: a store of requests that fills up again. */

export interface Pace {
  /** @returns false when there is none left: the request is refused */
  take(who: string): boolean
}

/**
 * @param burst   requests that may come at once
 * @param aSecond how many more each second gives
 * @param nowMs   a clock that never goes back
 */
export function pace(burst: number, aSecond: number, nowMs: () => number): Pace {
  const left = new Map<string, { requests: number; atMs: number }>()
  return {
    take: (who) => {
      const now = nowMs()
      const known = left.get(who) ?? { requests: burst, atMs: now }
      const requests = Math.min(burst, known.requests + ((now - known.atMs) * aSecond) / 1000)
      // whoever has all has asked nothing lately and is not kept
      for (const [each, { atMs }] of left) if ((now - atMs) * aSecond > burst * 1000) left.delete(each)
      left.set(who, { requests: Math.max(0, requests - 1), atMs: now })
      return requests >= 1
    },
  }
}
