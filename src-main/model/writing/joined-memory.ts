/** A memory of two kinds: of a network in which some layers attend and others have a state. */
import type { Memory, Prefix } from '../network'

/** Both parts have names of their own. */
export const joinedMemory = (one: Memory, other: Memory): Memory => ({
  rows: one.rows,
  inputs: (positions) => ({ ...one.inputs(positions), ...other.inputs(positions) }),
  outputs: () => ({ ...one.outputs(), ...other.outputs() }),
  take(read, positions) {
    one.take(read, positions)
    other.take(read, positions)
  },
  startRow(row, prefix) {
    one.startRow(row, { ...prefix, parts: partsIn(prefix, one) })
    other.startRow(row, { ...prefix, parts: partsIn(prefix, other) })
  },
  savedRow: (row, tokens) => joinedPrefix(one.savedRow(row, tokens), other.savedRow(row, tokens)),
  keepRows: (kept, rows) => joinedMemory(one.keepRows(kept, rows), other.keepRows(kept, rows)),
})

export const joinedPrefix = (one: Prefix, other: Prefix): Prefix => ({
  tokens: one.tokens,
  parts: { ...one.parts, ...other.parts },
})

/** Those parts of a prefix that a memory takes in. */
function partsIn({ tokens, parts }: Prefix, memory: Memory): Prefix['parts'] {
  const own = memory.savedRow(0, Math.min(tokens, 0)).parts
  return Object.fromEntries(Object.entries(parts).filter(([name]) => Object.hasOwn(own, name)))
}
