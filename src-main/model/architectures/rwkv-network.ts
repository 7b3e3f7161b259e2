/** What RWKV-4 and RWKV-7 share: names, token shift, and norms with BlinkDL's names. */
import { layerNorm } from '../../compute/recording/fused-norms'
import type { Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import type { Drop } from '../layers/dropout'
import { weight } from '../network'
import { projectBack } from '../layers/projection'

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `blocks.${layer}.${name}`

/** LayerNorm with the gain and bias of this name: [N, C]. */
export const namedNorm = (weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D =>
  layerNorm(
    x,
    weight(weights, `${name}.weight`) as tf.Tensor1D,
    weight(weights, `${name}.bias`) as tf.Tensor1D,
  )

/** Tokens as they enter the first block: int32, N in all → [N, C]. @param added to each, N · C in all */
export function embedNormed(weights: Weights, ids: tf.Tensor, drop: Drop, added?: tf.Tensor): tf.Tensor2D {
  const tokens = tf.gather(weight(weights, 'emb.weight'), tf.reshape(ids, [ids.size])) as tf.Tensor2D
  return namedNorm(
    weights,
    nameIn(0, 'ln0'),
    drop(added ? tf.add(tokens, tf.reshape(added, tokens.shape)) : tokens),
  )
}

/** The output matrix is never the embedding: [N, C] → [N, V]. */
export const unembedNormed = (weights: Weights, states: tf.Tensor2D): tf.Tensor2D =>
  projectBack(weights, 'head', states)

/** What stands one position before, zeros before the first: [B·T, C] of so many rows. */
export function shifted(x: tf.Tensor2D, rows: number): tf.Tensor2D {
  const [all, width] = x.shape
  const length = all / rows
  const earlier = tf.slice(tf.reshape(x, [rows, length, width]), [0, 0, 0], [rows, length - 1, width])
  return tf.reshape(
    tf.pad(earlier, [
      [0, 0],
      [1, 0],
      [0, 0],
    ]),
    [all, width],
  )
}

/** What stands at each text's last position: [B·T, C], lengths int32 [B] → [B, C]. */
export function lastOf(x: tf.Tensor2D, lengths: tf.Tensor): tf.Tensor2D {
  const [rows] = lengths.shape as [number]
  const [all, width] = x.shape
  const isLast = tf.oneHot(tf.sub(lengths, tf.scalar(1, 'int32')) as tf.Tensor1D, all / rows, 1, 0, 'float32')
  return tf.reshape(tf.matMul(tf.expandDims(isLast, 1), tf.reshape(x, [rows, all / rows, width])), [
    rows,
    width,
  ])
}
