/**
 * Byte-pair encoding of one word (Sennrich et al. 2016, Algorithm 1): the pair with the lowest rank is merged
 * first, the leftmost first among equals, until no pair is left that has one.
 */
import { createHeap } from './heap'
import type { PairTable } from './pair-table'

export interface Merges {
  /** Ranks of pairs by the ids of their tokens. */
  readonly ranks: PairTable
  /** The id that the pair of rank r becomes. */
  readonly merged: Int32Array
}

/** Up to here looking at every pair again is faster than keeping a queue. */
const fewTokens = 32

/** @param tokens the word as single bytes; changed. @returns what is left of it */
export function mergeWord(tokens: Int32Array, merges: Merges): Int32Array {
  return tokens.length <= fewTokens ? mergeFew(tokens, merges) : mergeMany(tokens, merges)
}

/** O(n²), without anything beside. */
function mergeFew(tokens: Int32Array, { ranks, merged }: Merges): Int32Array {
  const rankAt = new Int32Array(tokens.length)
  for (let at = 0; at + 1 < tokens.length; at++) rankAt[at] = ranks.get(tokens[at]!, tokens[at + 1]!)
  let length = tokens.length
  for (;;) {
    let best = -1
    for (let at = 0; at + 1 < length; at++)
      if (rankAt[at]! >= 0 && (best < 0 || rankAt[at]! < rankAt[best]!)) best = at
    if (best < 0) return tokens.subarray(0, length)
    tokens[best] = merged[rankAt[best]!]!
    tokens.copyWithin(best + 1, best + 2, length)
    rankAt.copyWithin(best + 1, best + 2, length)
    length--
    if (best > 0) rankAt[best - 1] = ranks.get(tokens[best - 1]!, tokens[best]!)
    if (best + 1 < length) rankAt[best] = ranks.get(tokens[best]!, tokens[best + 1]!)
  }
}

/**
 * Positions in one number with the rank before them: a queue of numbers is ordered by rank, then from left to
 * right.
 */
const positions = 2 ** 28

/** O(n log n): a queue of pairs by rank, and a chain of the tokens that are left. */
function mergeMany(tokens: Int32Array, { ranks, merged }: Merges): Int32Array {
  const queue = createHeap<number>((a, b) => a < b)
  const next = Int32Array.from(tokens, (_, at) => at + 1)
  const previous = Int32Array.from(tokens, (_, at) => at - 1)
  const end = tokens.length
  const rankAt = (at: number): number => (next[at]! < end ? ranks.get(tokens[at]!, tokens[next[at]!]!) : -1)
  const consider = (at: number): void => {
    const rank = rankAt(at)
    if (rank >= 0) queue.add(rank * positions + at)
  }

  for (let at = 0; at + 1 < end; at++) consider(at)
  for (let first = queue.take(); first !== undefined; first = queue.take()) {
    const at = first % positions
    const rank = Math.floor(first / positions)
    if (tokens[at]! < 0 || rankAt(at) !== rank) continue // merged away, or its neighbour was
    const gone = next[at]!
    tokens[at] = merged[rank]!
    tokens[gone] = -1
    next[at] = next[gone]!
    if (next[at]! < end) previous[next[at]!] = at
    if (previous[at]! >= 0) consider(previous[at]!)
    consider(at)
  }
  return tokens.filter((token) => token >= 0)
}
