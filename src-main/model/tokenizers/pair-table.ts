/**
 * From a pair of token ids to a number: a hash table in one typed array, several times as fast as a Map of
 * composed keys.
 */

export interface PairTable {
  /** @returns -1 for a pair that is not there */
  get(left: number, right: number): number
}

/**
 * @param pairs left and right of every pair, one after the other; the value of a pair is its place. The first
 *   of equal pairs counts.
 */
export function pairTable(pairs: Int32Array): PairTable {
  const count = pairs.length / 2
  const capacity = 2 ** Math.ceil(Math.log2(Math.max(1, count) * 2 + 1))
  const mask = capacity - 1
  const places = new Int32Array(capacity).fill(-1)

  function slotOf(left: number, right: number): number {
    let slot = hash(left, right) & mask
    for (;;) {
      const place = places[slot]!
      if (place < 0 || (pairs[2 * place] === left && pairs[2 * place + 1] === right)) return slot
      slot = (slot + 1) & mask
    }
  }

  for (let place = 0; place < count; place++) {
    const slot = slotOf(pairs[2 * place]!, pairs[2 * place + 1]!)
    if (places[slot]! < 0) places[slot] = place
  }
  return { get: (left, right) => places[slotOf(left, right)]! }
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
  return mixed ^ (mixed >>> 15)
}
