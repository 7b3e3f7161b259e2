/**
 * The key-value cache of a batch that is being written: for each layer the keys and values of what each row
 * has read so far, on the host, in the layout the decoding graph reads and writes in place: [rows, heads,
 * positions, D]. There are as many positions as the longest row has needed, in powers of two: a model that
 * could read 8,192 tokens costs, in memory and time, what it has read.
 */
import type { HostTensor } from '../../compute/engine'
import { writtenContext, type Memory, type Prefix } from '../network'

export interface AttentionShape {
  readonly layers: number
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Most that a row can read. */
  readonly contextTokens: number
  /** The layers that attend, where not all do. */
  readonly attending?: readonly number[]
}

/** Bytes of one row. */
export const attentionRowBytes = (shape: AttentionShape): number =>
  partsOf(shape).length *
  shape.keyValueHeads *
  shape.headWidth *
  writtenContext(shape.contextTokens) *
  Float32Array.BYTES_PER_ELEMENT

/**
 * `keys.n` and `values.n` of layer n [rows, heads, positions, D], in and out. What stands after a row's own
 * position may be anything.
 */
export function attentionMemory(shape: AttentionShape, rows: number, first = fewestPositions): Memory {
  const { keyValueHeads: heads, headWidth: depth, contextTokens } = shape
  let positions = Math.min(first, contextTokens)
  let parts = mapped(partsOf(shape), () => emptyPart())

  function emptyPart(): Part {
    const data = new Float32Array(rows * heads * positions * depth)
    return { shape: [rows, heads, positions, depth], data }
  }
  /** Makes room for a row of so many tokens. */
  function grow(tokens: number): void {
    if (tokens <= positions) return
    const [before, smaller] = [positions * depth, parts]
    positions = Math.min(contextTokens, 2 ** Math.ceil(Math.log2(tokens)))
    parts = mapped(partsOf(shape), (part) => spread(smaller[part]!.data, emptyPart(), before))
  }

  return {
    rows,
    inputs(at) {
      grow(1 + Math.max(...at))
      return parts
    },
    outputs: () => parts,
    take() {},
    startRow(row, { tokens, parts: read }) {
      grow(tokens)
      for (const [part, from] of Object.entries(read)) writeRow(parts[part]!, from, row, tokens * depth)
    },
    savedRow: (row, tokens) => ({
      tokens,
      parts: mapped(partsOf(shape), (part) => rowCopied(shape, parts[part]!.data, positions, row, tokens)),
    }),
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

/** The keys or the values of one layer: [rows, heads, positions, D]. */
type Part = HostTensor & { readonly data: Float32Array<ArrayBuffer> }

const mapped = <T>(names: readonly string[], valueOf: (name: string) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(names.map((name) => [name, valueOf(name)]))

/** Positions a memory begins with: most texts of small models stay below. */
const fewestPositions = 64

/** Copies pieces of one length, heads of rows, to where those of a longer one begin. */
function spread(from: Float32Array, to: Part, fromLength: number): Part {
  const [rows, heads] = to.shape as [number, number]
  const toLength = to.data.length / (rows * heads)
  for (let piece = 0; piece * fromLength < from.length; piece++)
    to.data.set(from.subarray(piece * fromLength, (piece + 1) * fromLength), piece * toLength)
  return to
}

/**
 * Puts what was read of a text's beginning into a row of one part.
 * @param from [heads, tokens, D]
 * @param size tokens · D
 */
function writeRow(to: Part, from: Float32Array, row: number, size: number): void {
  const [rows, heads] = to.shape as [number, number]
  const length = to.data.length / (rows * heads)
  for (let head = 0; head < heads; head++)
    to.data.set(from.subarray(head * size, (head + 1) * size), (row * heads + head) * length)
}

/**
 * What one row has read of one part: [heads, tokens, D].
 * @param all [rows, heads, positions, D]
 */
function rowCopied(
  { keyValueHeads: heads, headWidth: depth }: AttentionShape,
  all: Float32Array,
  positions: number,
  row: number,
  tokens: number,
): Float32Array {
  const own = new Float32Array(heads * tokens * depth)
  for (let head = 0; head < heads; head++) {
    const start = (row * heads + head) * positions * depth
    own.set(all.subarray(start, start + tokens * depth), head * tokens * depth)
  }
  return own
}

const partsOf = ({ layers, attending }: AttentionShape): string[] =>
  (attending ?? Array.from({ length: layers }, (_, layer) => layer)).flatMap((layer) => [
    `keys.${layer}`,
    `values.${layer}`,
  ])

/**
 * The prefixes of prompts that were read at once.
 * @param read `keys.n`, `values.n` of layer n: [R · heads, padded, D]
 */
export function attentionPrefixes(
  shape: AttentionShape,
  read: Readonly<Record<string, HostTensor>>,
  lengths: readonly number[],
  padded: number,
): Prefix[] {
  return lengths.map((tokens, row) => ({
    tokens,
    parts: mapped(partsOf(shape), (part) =>
      rowCopied(shape, read[part]!.data as Float32Array, padded, row, tokens),
    ),
  }))
}
