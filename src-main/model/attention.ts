/**
 * Attention as every transformer here uses it, from queries, keys and values a head. Several heads of queries may share one of keys and values
 * (grouped queries, Ainslie et al. 2023; one for all is Shazeer 2019); a group's queries stand one after another, so that nothing is repeated.
 */
import { attention } from '../compute/fused'
import * as tf from '../compute/tf'
import type { Drop } from './dropout'
import { hidden } from './network'

export interface Heads {
  readonly heads: number
  /** They divide the heads. */
  readonly keyValueHeads: number
  readonly headWidth: number
}

/** [B·T, heads·D] → [B·heads, T, D]. */
export function splitHeads(x: tf.Tensor2D, rows: number, heads: number): tf.Tensor3D {
  const [all, width] = x.shape
  const length = all / rows, depth = width / heads
  return tf.reshape(tf.transpose(tf.reshape(x, [rows, length, heads, depth]), [0, 2, 1, 3]), [rows * heads, length, depth])
}

/**
 * Each position looks at itself and at what came before it.
 * @param q    [B·H, T, D]
 * @param k    [B·KV, T, D], as v
 * @param mask of `causalMask`
 * @param drop some of what each position looks at
 * @returns [B·T, H·D]
 */
export function attendCausally({ heads, keyValueHeads, headWidth }: Heads, q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D, mask: tf.Tensor2D, drop?: Drop): tf.Tensor2D {
  const [all, length] = q.shape
  const rows = all / heads
  const grouped = tf.reshape(q, [rows * keyValueHeads, (heads / keyValueHeads) * length, headWidth]) as tf.Tensor3D
  const attended = tf.reshape(drop ? attentionDropped(grouped, k, v, mask, drop) : attention(grouped, k, v, mask), [rows, heads, length, headWidth])
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows * length, heads * headWidth])
}

function attentionDropped(q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D, mask: tf.Tensor2D, drop: Drop): tf.Tensor {
  const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[2]))
  return tf.matMul(drop(tf.softmax(tf.add(scores, mask))), v)
}

/** For each query of a group, [H/KV·T, T]: 0 where a position (row) may look, `hidden` at what comes after it. */
export function causalMask({ heads, keyValueHeads }: Heads, length: number): tf.Tensor2D {
  const queries = (heads / keyValueHeads) * length
  const mask = new Float32Array(queries * length)
  for (let row = 0; row < queries; row++) mask.fill(hidden, row * length + (row % length) + 1, (row + 1) * length)
  return tf.tensor2d(mask, [queries, length])
}

/**
 * Attention of one new position a row to its memory and to itself: softmax over both.
 * @param q            [B, H·D]
 * @param k            [B, KV·D], as v
 * @param seen.keys    [B·KV, S, D], as seen.values
 * @param seen.mask    [B, 1, 1, S]: 0 at positions the row has read
 * @returns [B, H·D]
 */
export function attendCached({ heads, keyValueHeads, headWidth }: Heads, q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, seen: { readonly keys: tf.Tensor; readonly values: tf.Tensor; readonly mask: tf.Tensor }): tf.Tensor2D {
  const [rows] = q.shape
  const [count, positions] = seen.keys.shape as [number, number, number]
  const group = heads / keyValueHeads
  const scaled = tf.mul(tf.reshape(q, [count, group, headWidth]), 1 / Math.sqrt(headWidth))
  const ownKey = tf.reshape(k, [count, 1, headWidth]), ownValue = tf.reshape(v, [count, 1, headWidth])
  const scores = tf.reshape(tf.matMul(scaled, seen.keys, false, true), [rows, keyValueHeads, group, positions])
  const toSeen = tf.reshape(tf.add(scores, seen.mask), [count, group, positions])
  const toOwn = tf.sum(tf.mul(scaled, ownKey), -1, true)
  const [ofSeen, ofOwn] = tf.split(tf.softmax(tf.concat([toSeen, toOwn], 2)), [positions, 1], 2) as [tf.Tensor, tf.Tensor]
  return tf.reshape(tf.add(tf.matMul(ofSeen, seen.values), tf.mul(ofOwn, ownValue)), [rows, heads * headWidth])
}
