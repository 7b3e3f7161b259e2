/**
 * The key-value cache of a batch that is being written: for each layer the keys and values of what each row has read so
 * far, on the host, in the layout the decoding graph reads without rearranging: [rows · heads, positions, C / heads].
 */
import type { Batch } from '../compute/engine'
import { hidden } from './gpt'
import type { GptConfig } from './model'

export interface Cache {
  readonly rows: number
  readonly positions: number
  /** One array a layer. */
  readonly keys: readonly Float32Array[]
  readonly values: readonly Float32Array[]
  /** 0 at positions a row has read, `hidden` elsewhere: [rows, positions]. */
  readonly mask: Float32Array
}

/** Keys and values of a prompt's first tokens, one array a layer: [heads, tokens, C / heads]. */
export interface Prefix {
  readonly tokens: number
  readonly keys: readonly Float32Array[]
  readonly values: readonly Float32Array[]
}

/** Bytes of one row. */
export const cacheRowBytes = ({ layers, width, contextTokens }: GptConfig): number => 2 * layers * width * contextTokens * Float32Array.BYTES_PER_ELEMENT

export function createCache({ layers, width, contextTokens }: GptConfig, rows: number): Cache {
  const perLayer = (): Float32Array[] => Array.from({ length: layers }, () => new Float32Array(rows * width * contextTokens))
  return { rows, positions: contextTokens, keys: perLayer(), values: perLayer(), mask: new Float32Array(rows * contextTokens).fill(hidden) }
}

/** The cache as inputs of the decoding program. */
export function cacheInputs({ heads, width }: GptConfig, cache: Cache): Batch {
  const shape = [cache.rows * heads, cache.positions, width / heads]
  const inputs: Record<string, Batch[string]> = { mask: { shape: [cache.rows, 1, 1, cache.positions], data: cache.mask } }
  cache.keys.forEach((data, layer) => { inputs[`keys.${layer}`] = { shape, data } })
  cache.values.forEach((data, layer) => { inputs[`values.${layer}`] = { shape, data } })
  return inputs
}

/** In `positions`: the row is idle. */
export const idle = -1

/**
 * Puts what each row has just read at its position.
 * @param positions  of each row, or `idle`
 * @param qkv        queries, keys and values of each layer, [rows, 3C]
 */
export function writePositions(config: GptConfig, cache: Cache, positions: Int32Array, qkv: readonly Float32Array[]): void {
  positions.forEach((position, row) => {
    if (position === idle) return
    cache.mask[row * cache.positions + position] = 0
    for (let layer = 0; layer < config.layers; layer++) writeHeads(config, cache, { layer, row, position }, qkv[layer]!)
  })
}

function writeHeads({ heads, width }: GptConfig, cache: Cache, { layer, row, position }: { readonly layer: number; readonly row: number; readonly position: number }, qkv: Float32Array): void {
  const depth = width / heads
  const keys = cache.keys[layer]!
  const values = cache.values[layer]!
  let from = row * 3 * width + width
  for (let head = 0; head < heads; head++) {
    const to = ((row * heads + head) * cache.positions + position) * depth
    for (let i = 0; i < depth; i++, from++) {
      keys[to + i] = qkv[from]!
      values[to + i] = qkv[from + width]!
    }
  }
}

/** Makes a row one that has read this prefix and nothing else. */
export function startRow({ heads, width }: GptConfig, cache: Cache, row: number, prefix: Prefix): void {
  const depth = width / heads
  cache.mask.fill(hidden, row * cache.positions, (row + 1) * cache.positions).fill(0, row * cache.positions, row * cache.positions + prefix.tokens)
  const size = prefix.tokens * depth
  const put = (to: Float32Array, from: Float32Array): void => {
    for (let head = 0; head < heads; head++) to.set(from.subarray(head * size, (head + 1) * size), (row * heads + head) * cache.positions * depth)
  }
  prefix.keys.forEach((from, layer) => put(cache.keys[layer]!, from))
  prefix.values.forEach((from, layer) => put(cache.values[layer]!, from))
}

/** The given rows, in this order, in a cache of their own. */
export function keepRows(config: GptConfig, cache: Cache, kept: readonly number[], rows: number): Cache {
  const smaller = createCache(config, rows)
  const copy = (from: Float32Array, to: Float32Array, size: number): void => kept.forEach((row, i) => to.set(from.subarray(row * size, (row + 1) * size), i * size))
  const size = config.width * cache.positions
  cache.keys.forEach((from, layer) => copy(from, smaller.keys[layer]!, size))
  cache.values.forEach((from, layer) => copy(from, smaller.values[layer]!, size))
  copy(cache.mask, smaller.mask, cache.positions)
  return smaller
}
