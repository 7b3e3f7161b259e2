/**
 * Attention as every transformer here uses it, from queries, keys and values a head. Several heads of queries
 * may share one of keys and values (grouped queries, Ainslie et al. 2023; one for all is Shazeer 2019); a
 * group's queries stand one after another, so that nothing is repeated.
 */
import type { Tensors } from '../../compute/engine'
import { attention, cachedAttention, packedCachedAttention } from '../../compute/recording/fused'
import * as tf from '../../compute/tf'
import type { Drop } from './dropout'
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

/**
 * Each position looks at itself and at what came before it.
 * @param mask of `causalMask`
 * @param drop some of what each position looks at
 * @returns [B·T, H·D]
 */
export function attendCausally(
  { heads, keyValueHeads, headWidth }: Heads,
  { queries, keys, values }: Asked,
  mask: tf.Tensor2D,
  drop?: Drop,
): tf.Tensor2D {
  const [all, length] = queries.shape
  const rows = all / heads
  const group = (heads / keyValueHeads) * length
  const grouped = tf.reshape(queries, [rows * keyValueHeads, group, headWidth]) as tf.Tensor3D
  const looked = drop
    ? attentionDropped(grouped, keys, values, mask, drop)
    : attention(grouped, keys, values, mask)
  const attended = tf.reshape(looked, [rows, heads, length, headWidth])
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows * length, heads * headWidth])
}

function attentionDropped(
  q: tf.Tensor3D,
  k: tf.Tensor3D,
  v: tf.Tensor3D,
  mask: tf.Tensor2D,
  drop: Drop,
): tf.Tensor {
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[2]))
  return tf.matMul(drop(tf.softmax(tf.add(scores, mask))), v)
}

/**
 * For each query of a group, [H/KV·T, T]: 0 where a position (row) may look, `hidden` at what comes after it.
 */
export function causalMask({ heads, keyValueHeads }: Heads, length: number): tf.Tensor2D {
  const queries = (heads / keyValueHeads) * length
  const mask = new Float32Array(queries * length)
  for (let row = 0; row < queries; row++)
    mask.fill(hidden, row * length + (row % length) + 1, (row + 1) * length)
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
  asks: tf.Tensor2D | { readonly q: tf.Tensor2D; readonly k: tf.Tensor2D; readonly v: tf.Tensor2D },
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
