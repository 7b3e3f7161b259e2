/**
 * The key-value cache of a batch that is being written: for each layer the keys and values of what each row
 * has read so far, on the host, in the layout the decoding graph reads and writes in place: [rows, heads,
 * positions, D]. There are as many positions as the longest row has needed, in powers of two: a model that
 * could read 8,192 tokens costs, in memory and time, what it has read.
 */
import type { HostTensor } from '../../compute/engine'
import type { Memory, Prefix } from '../network'

export interface AttentionShape {
  readonly layers: number
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Most that a row can read. */
  readonly contextTokens: number
}

/** Bytes of one row. */
export const attentionRowBytes = ({
  layers,
  keyValueHeads,
  headWidth,
  contextTokens,
}: AttentionShape): number =>
  2 * layers * keyValueHeads * headWidth * contextTokens * Float32Array.BYTES_PER_ELEMENT

/**
 * `keys.n` and `values.n` of layer n [rows, heads, positions, D], in and out. What stands after a row's own
 * position may be anything.
 */
export function attentionMemory(shape: AttentionShape, rows: number, first = fewestPositions): Memory {
  const { layers, keyValueHeads: heads, headWidth: depth, contextTokens } = shape
  let positions = Math.min(first, contextTokens)
  let parts: Readonly<Record<string, HostTensor & { readonly data: Float32Array<ArrayBuffer> }>> =
    Object.fromEntries(
      partsOf(layers).map((part) => [part, tensor(new Float32Array(rows * heads * positions * depth))]),
    )

  function tensor(data: Float32Array<ArrayBuffer>) {
    return { shape: [rows, heads, positions, depth], data }
  }

  /** Makes room for a row of so many tokens. */
  function grow(tokens: number): void {
    if (tokens <= positions) return
    const before = positions
    positions = Math.min(contextTokens, 2 ** Math.ceil(Math.log2(tokens)))
    parts = Object.fromEntries(
      Object.entries(parts).map(([part, { data }]) => [
        part,
        tensor(
          spread(data, new Float32Array(rows * heads * positions * depth), before * depth, positions * depth),
        ),
      ]),
    )
  }

  return {
    rows,
    inputs(at) {
      grow(1 + Math.max(...at))
      return parts
    },
    outputs: () => parts,
    take() {},
    startRow(row, prefix) {
      grow(prefix.tokens)
      const size = prefix.tokens * depth
      for (const [part, from] of Object.entries(prefix.parts)) {
        for (let head = 0; head < heads; head++)
          parts[part]!.data.set(
            from.subarray(head * size, (head + 1) * size),
            (row * heads + head) * positions * depth,
          )
      }
    },
    savedRow(row, tokens) {
      const saved = (data: Float32Array): Float32Array => {
        const own = new Float32Array(heads * tokens * depth)
        for (let head = 0; head < heads; head++) {
          const start = (row * heads + head) * positions * depth
          own.set(data.subarray(start, start + tokens * depth), head * tokens * depth)
        }
        return own
      }
      return {
        tokens,
        parts: Object.fromEntries(Object.entries(parts).map(([part, { data }]) => [part, saved(data)])),
      }
    },
    keepRows(kept, fewer) {
      const smaller = attentionMemory(shape, fewer, positions)
      const into = smaller.outputs()
      const size = heads * positions * depth
      for (const [part, { data }] of Object.entries(parts))
        kept.forEach((row, i) => into[part]!.data.set(data.subarray(row * size, (row + 1) * size), i * size))
      return smaller
    },
  }
}

/** Positions a memory begins with: most texts of small models stay below. */
const fewestPositions = 64

/** Copies pieces of one length to where pieces of another begin. */
function spread(
  from: Float32Array<ArrayBuffer>,
  to: Float32Array<ArrayBuffer>,
  fromLength: number,
  toLength: number,
): Float32Array<ArrayBuffer> {
  for (let piece = 0; piece * fromLength < from.length; piece++)
    to.set(from.subarray(piece * fromLength, (piece + 1) * fromLength), piece * toLength)
  return to
}

const partsOf = (layers: number): string[] =>
  Array.from({ length: layers }, (_, layer) => [`keys.${layer}`, `values.${layer}`]).flat()

/**
 * The prefixes of prompts that were read at once.
 * @param read `keys.n`, `values.n` of layer n: [R · heads, padded, D]
 */
export function attentionPrefixes(
  { layers, keyValueHeads: heads, headWidth: depth }: AttentionShape,
  read: Readonly<Record<string, HostTensor>>,
  lengths: readonly number[],
  padded: number,
): Prefix[] {
  return lengths.map((tokens, row) => {
    const partOf = (name: string): Float32Array => {
      const all = read[name]!.data as Float32Array
      const own = new Float32Array(heads * tokens * depth)
      for (let head = 0; head < heads; head++) {
        const start = (row * heads + head) * padded * depth
        own.set(all.subarray(start, start + tokens * depth), head * tokens * depth)
      }
      return own
    }
    return { tokens, parts: Object.fromEntries(partsOf(layers).map((name) => [name, partOf(name)])) }
  })
}
