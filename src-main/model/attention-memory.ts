/**
 * The key-value cache of a batch that is being written: for each layer the keys and values of what each row has read so
 * far, on the host, in the layout the decoding graph reads without rearranging: [rows · heads, positions, D].
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
export function attentionMemory(shape: AttentionShape, rows: number): Memory {
  const { layers, keyValueHeads: heads, headWidth: depth, contextTokens: positions } = shape
  const parts = new Map(partsOf(layers).map(([part, of]) => [part, { of, data: new Float32Array(rows * heads * positions * depth) }]))
  const mask = new Float32Array(rows * positions).fill(hidden)

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
      at.forEach((position, row) => { if (position !== idle) mask[row * positions + position] = 0 })
      for (const { of, data } of parts.values()) {
        const from = read[of]!.data as Float32Array
        at.forEach((position, row) => { if (position !== idle) write(data, from, row, position) })
      }
    },
    startRow(row, prefix) {
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
      const smaller = attentionMemory(shape, fewer)
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
