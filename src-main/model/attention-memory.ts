/**
 * The key-value cache of a batch that is being written: for each layer the keys and values of what each row has read so
 * far, on the host, in the layout the decoding graph reads without rearranging: [rows · heads, positions, D]. There are as
 * many positions as the longest row has needed, in powers of two: a model that could read 8,192 tokens costs, in memory and
 * time, what it has read.
 */
import type { Batch, HostTensor } from '../compute/engine'
import { hidden, idle, type Memory, type Prefix } from './network'

export interface AttentionShape {
  readonly layers: number
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Most that a row can read. */
  readonly contextTokens: number
}

/** Bytes of one row. */
export const attentionRowBytes = ({ layers, keyValueHeads, headWidth, contextTokens }: AttentionShape): number =>
  2 * layers * keyValueHeads * headWidth * contextTokens * Float32Array.BYTES_PER_ELEMENT

/** `keys.n` and `values.n` of layer n [rows · heads, positions, D]; `mask` [rows, 1, 1, positions]. Takes `key.n` and `value.n` [rows, heads · D]. */
export function attentionMemory(shape: AttentionShape, rows: number, first = fewestPositions): Memory {
  const { layers, keyValueHeads: heads, headWidth: depth, contextTokens } = shape
  let positions = Math.min(first, contextTokens)
  const parts = new Map(partsOf(layers).map(([part, of]) => [part, { of, data: new Float32Array(rows * heads * positions * depth) }]))
  let mask = new Float32Array(rows * positions).fill(hidden)

  /** Makes room for a row of so many tokens. */
  function grow(tokens: number): void {
    if (tokens <= positions) return
    const before = positions
    positions = Math.min(contextTokens, 2 ** Math.ceil(Math.log2(tokens)))
    mask = spread(mask, new Float32Array(rows * positions).fill(hidden), before, positions)
    for (const part of parts.values()) part.data = spread(part.data, new Float32Array(rows * heads * positions * depth), before * depth, positions * depth)
  }

  function write(to: Float32Array, from: Float32Array, row: number, position: number): void {
    for (let head = 0; head < heads; head++) {
      const at = ((row * heads + head) * positions + position) * depth
      const start = (row * heads + head) * depth
      for (let i = 0; i < depth; i++) to[at + i] = from[start + i]!
    }
  }

  return {
    rows,
    inputs() {
      const inputs: Record<string, HostTensor> = { mask: { shape: [rows, 1, 1, positions], data: mask } }
      for (const [part, { data }] of parts) inputs[part] = { shape: [rows * heads, positions, depth], data }
      return inputs as Batch
    },
    take(read, at) {
      grow(1 + Math.max(...at))
      at.forEach((position, row) => { if (position !== idle) mask[row * positions + position] = 0 })
      for (const { of, data } of parts.values()) {
        const from = read[of]!.data as Float32Array
        at.forEach((position, row) => { if (position !== idle) write(data, from, row, position) })
      }
    },
    startRow(row, prefix) {
      grow(prefix.tokens)
      mask.fill(hidden, row * positions, (row + 1) * positions).fill(0, row * positions, row * positions + prefix.tokens)
      const size = prefix.tokens * depth
      for (const [part, from] of Object.entries(prefix.parts)) {
        for (let head = 0; head < heads; head++) parts.get(part)!.data.set(from.subarray(head * size, (head + 1) * size), (row * heads + head) * positions * depth)
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
      return { tokens, parts: Object.fromEntries([...parts].map(([part, { data }]) => [part, saved(data)])) }
    },
    keepRows(kept, fewer) {
      const smaller = attentionMemory(shape, fewer, positions)
      const inputs = smaller.inputs()
      const copy = (from: Float32Array, to: Float32Array): void => {
        const size = from.length / rows
        kept.forEach((row, i) => to.set(from.subarray(row * size, (row + 1) * size), i * size))
      }
      copy(mask, inputs['mask']!.data as Float32Array)
      for (const [part, { data }] of parts) copy(data, inputs[part]!.data as Float32Array)
      return smaller
    },
  }
}

/** Positions a memory begins with: most texts of small models stay below. */
const fewestPositions = 64

/** Copies pieces of one length to where pieces of another begin. */
function spread(from: Float32Array<ArrayBuffer>, to: Float32Array<ArrayBuffer>, fromLength: number, toLength: number): Float32Array<ArrayBuffer> {
  for (let piece = 0; piece * fromLength < from.length; piece++) to.set(from.subarray(piece * fromLength, (piece + 1) * fromLength), piece * toLength)
  return to
}

/** Input of the memory, and the output of `readToken` that goes into it. */
const partsOf = (layers: number): (readonly [string, string])[] =>
  Array.from({ length: layers }, (_, layer) => [[`keys.${layer}`, `key.${layer}`], [`values.${layer}`, `value.${layer}`]] as const).flat()

/**
 * The prefixes of prompts that were read at once.
 * @param read `keys.n`, `values.n` of layer n: [R · heads, padded, D]
 */
export function attentionPrefixes({ layers, keyValueHeads: heads, headWidth: depth }: AttentionShape, read: Readonly<Record<string, HostTensor>>, lengths: readonly number[], padded: number): Prefix[] {
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
    return { tokens, parts: Object.fromEntries(partsOf(layers).map(([name]) => [name, partOf(name)])) }
  })
}
