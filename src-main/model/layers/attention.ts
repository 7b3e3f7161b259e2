/**
 * Attention as every transformer here uses it, from queries, keys and values a head. Several heads of queries
 * may share one of keys and values (grouped queries, Ainslie et al. 2023; one for all is Shazeer 2019); a
 * group's queries stand one after another, so that nothing is repeated.
 */
import type { Tensors } from '../../compute/engine'
import { attention, cachedAttention, packedCachedAttention } from '../../compute/recording/fused'
import * as tf from '../../compute/tf'
import { keepAll, type Drop } from './dropout'
import { hidden, weight } from '../network'

export interface Heads {
  readonly heads: number
  /** They divide the heads. */
  readonly keyValueHeads: number
  readonly headWidth: number
}

/** [B·T, heads·D] → [B·heads, T, D]. */
export function splitHeads(x: tf.Tensor2D, rows: number, heads: number): tf.Tensor3D {
  const [all, width] = x.shape
  const length = all / rows
  const depth = width / heads
  return tf.reshape(tf.transpose(tf.reshape(x, [rows, length, heads, depth]), [0, 2, 1, 3]), [
    rows * heads,
    length,
    depth,
  ])
}

/** What one layer asks of all positions: queries [B·H, T, D], keys and values [B·KV, T, D]. */
export interface Asked {
  readonly queries: tf.Tensor3D
  readonly keys: tf.Tensor3D
  readonly values: tf.Tensor3D
}

/** How attention departs from the plain one; 0 of either is the plain one. */
export interface Looking {
  /** How many positions are seen, one's own among them; 0 is all that came before. */
  readonly window: number
  /** Scores are drawn towards ±cap: cap · tanh(score / cap) (Gemma Team 2024, "Gemma 2", §2). */
  readonly cap: number
}

export const plainly: Looking = { window: 0, cap: 0 }

/**
 * Each position looks at itself and at what came before it.
 * @param mask of `causalMask`
 * @param drop some of what each position looks at
 * @param cap of `Looking`
 * @returns [B·T, H·D]
 */
export function attendCausally(
  { heads, keyValueHeads, headWidth }: Heads,
  { queries, keys, values }: Asked,
  mask: tf.Tensor2D,
  drop?: Drop,
  cap = 0,
): tf.Tensor2D {
  const [all, length] = queries.shape
  const rows = all / heads
  const group = (heads / keyValueHeads) * length
  const grouped = tf.reshape(queries, [rows * keyValueHeads, group, headWidth]) as tf.Tensor3D
  const looked =
    drop || cap > 0
      ? attentionInParts({ queries: grouped, keys, values }, mask, cap, drop)
      : attention(grouped, keys, values, mask)
  const attended = tf.reshape(looked, [rows, heads, length, headWidth])
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows * length, heads * headWidth])
}

function attentionInParts(
  { queries, keys, values }: Asked,
  mask: tf.Tensor2D,
  cap: number,
  drop: Drop = keepAll,
): tf.Tensor {
  const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(queries.shape[2]))
  return tf.matMul(drop(tf.softmax(tf.add(capped(scores, cap), mask))), values)
}

/** cap · tanh(x / cap); x itself where the cap is 0. */
export const capped = <T extends tf.Tensor>(x: T, cap: number): T =>
  cap === 0 ? x : tf.mul(tf.tanh(tf.div(x, cap)), cap)

/**
 * For each query of a group, [H/KV·T, T]: 0 where a position (row) may look, `hidden` at what comes after it,
 * and before its window if it has one.
 */
export function causalMask({ heads, keyValueHeads }: Heads, length: number, window = 0): tf.Tensor2D {
  const queries = (heads / keyValueHeads) * length
  const mask = new Float32Array(queries * length)
  for (let row = 0; row < queries; row++) {
    const own = row % length
    mask.fill(hidden, row * length + own + 1, (row + 1) * length)
    if (window > 0) mask.fill(hidden, row * length, row * length + Math.max(0, own + 1 - window))
  }
  return tf.tensor2d(mask, [queries, length])
}

/**
 * Attention of one new position a row to what the row has read and to itself.
 * @param batch its `positions`, and the memory of this layer: `keys.n` and `values.n` [B, KV, S, D]
 * @param asks  queries [B, H·D], keys and values [B, KV·D]; or all three side by side
 * @param read  receives the memory with what is new
 * @returns [B, H·D]
 */
export function attendCached(
  batch: Tensors,
  layer: number,
  asks: tf.Tensor2D | AskedOnce,
  read: Record<string, tf.Tensor>,
): tf.Tensor2D {
  const [keys, values] = [`keys.${layer}`, `values.${layer}`]
  const memory = { keys: weight(batch, keys) as tf.Tensor4D, values: weight(batch, values) as tf.Tensor4D }
  const at = weight(batch, 'positions') as tf.Tensor1D
  const { attended, ...grown } =
    'q' in asks ? cachedAttention(asks, memory, at) : packedCachedAttention(asks, memory, at)
  Object.assign(read, { [keys]: grown.keys, [values]: grown.values })
  return attended
}

interface AskedOnce {
  readonly q: tf.Tensor2D
  readonly k: tf.Tensor2D
  readonly v: tf.Tensor2D
}

/** `attendCached` with a window or a cap: no operator has them, so it is put together. */
export function lookCached(
  batch: Tensors,
  layer: number,
  { q, k, v }: AskedOnce,
  read: Record<string, tf.Tensor>,
  { window, cap }: Looking,
): tf.Tensor2D {
  const name = (part: 'keys' | 'values') => `${part}.${layer}`
  const [rows, heads, positions, width] = weight(batch, name('keys')).shape as [
    number,
    number,
    number,
    number,
  ]
  const all = tf.cast(tf.range(0, positions, 1, 'int32'), 'float32')
  const own = tf.cast(tf.reshape(weight(batch, 'positions'), [rows, 1, 1, 1]), 'float32')
  const distance = tf.sub(own, all) // [rows, 1, 1, positions]
  const isOwn = tf.reshape(tf.cast(tf.less(tf.abs(distance), 0.5), 'float32'), [rows, 1, positions, 1])
  const grown = (part: 'keys' | 'values', x: tf.Tensor2D): tf.Tensor => {
    const kept = tf.mul(weight(batch, name(part)), tf.sub(1, isOwn))
    const own = tf.mul(tf.reshape(x, [rows, heads, 1, width]), isOwn)
    return (read[name(part)] = tf.add(kept, own))
  }
  const scores = tf.mul(
    tf.matMul(tf.reshape(q, [rows, heads, -1, width]), grown('keys', k), false, true),
    1 / Math.sqrt(width),
  )
  const isAfter = tf.cast(tf.less(distance, -0.5), 'float32')
  const isBefore = tf.cast(tf.greater(distance, (window === 0 ? positions : window) - 0.5), 'float32')
  const mask = tf.mul(tf.add(isAfter, isBefore), hidden)
  const looked = tf.softmax(tf.add(capped(scores, cap), mask))
  return tf.reshape(tf.matMul(looked, grown('values', v)), [rows, q.shape[1]])
}
