/** What the networks of RWKV-4 and RWKV-7 share: tokens in and out, token shift, reading whole and step by step. */
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import type { Drop } from '../layers/dropout'
import { namedNorm } from '../layers/norms'
import { projectBack } from '../layers/projection'
import { weight, type Network } from '../network'
import {
  nextOf,
  recurrentMemory,
  recurrentPrefixes,
  recurrentRowBytes,
  type StateShape,
} from '../writing/recurrent-memory'
import { nameIn } from './rwkv'

/** Is given a part of the state that is to be remembered. */
export type Keep = (part: string, state: tf.Tensor) => void

/** @typeParam Past what a layer learns of the positions before: of a whole text, or from a memory */
export interface RecurrentParts<Past> {
  /** The residual stream of tokens int32 through all blocks and the last norm: [N, C]. */
  blocks(weights: Weights, past: Past, ids: tf.Tensor, added?: tf.Tensor3D | undefined): tf.Tensor2D
  /**
   * All positions at once, int32 [B, T].
   * @param keep is given the state after the first `lengths` tokens of each text, part by part
   */
  wholeText(ids: tf.Tensor, lengths?: tf.Tensor, keep?: Keep): Past
  /** One position on top of the memory's parts. @param keep is given the new ones */
  fromMemory(batch: Tensors, keep: Keep): Past
}

/** @param width C */
export function recurrent<Past>(
  shape: StateShape,
  width: number,
  { blocks, wholeText, fromMemory }: RecurrentParts<Past>,
): Network {
  const keeping =
    (read: Record<string, tf.Tensor>): Keep =>
    (part, state) => {
      read[nextOf(part)] = state
    }
  return {
    hiddenStates(weights, ids, added) {
      const [rows, length] = ids.shape as [number, number]
      return tf.reshape(blocks(weights, wholeText(ids), ids, added), [rows, length, width])
    },
    unembed,
    decoder: {
      rowBytes: recurrentRowBytes(shape),
      createMemory: (rows) => recurrentMemory(shape, rows),
      readToken(weights, batch) {
        const read: Record<string, tf.Tensor> = {}
        const states = blocks(weights, fromMemory(batch, keeping(read)), weight(batch, 'ids'))
        return { ...read, logits: unembed(weights, states) }
      },
      readPrompts(weights, batch) {
        const read: Record<string, tf.Tensor> = {}
        const ids = weight(batch, 'ids')
        blocks(weights, wholeText(ids, weight(batch, 'lengths'), keeping(read)), ids)
        return read
      },
      prefixesOf: (read, lengths) => recurrentPrefixes(shape, read, lengths),
    },
  }
}

/** A part of the state in every layer. @param initial each number before anything is read */
export const statePart = (layers: number, name: string, size: number, initial = 0): StateShape =>
  Object.fromEntries(Array.from({ length: layers }, (_, layer) => [`${name}.${layer}`, { size, initial }]))

/** Tokens as they enter the first block: int32, N in all → [N, C]. @param added to each, N · C in all */
export function embedNormed(weights: Weights, ids: tf.Tensor, drop: Drop, added?: tf.Tensor): tf.Tensor2D {
  const tokens = tf.gather(weight(weights, 'emb.weight'), tf.reshape(ids, [ids.size])) as tf.Tensor2D
  const entering: tf.Tensor2D = added ? tf.add(tokens, tf.reshape(added, tokens.shape)) : tokens
  return namedNorm(weights, nameIn(0, 'ln0'), drop(entering))
}

/** The output matrix is never the embedding: [N, C] → [N, V]. */
const unembed = (weights: Weights, states: tf.Tensor2D): tf.Tensor2D => projectBack(weights, 'head', states)

/** What stands one position before, zeros before the first: [B·T, C] of so many rows. */
export function shifted(x: tf.Tensor2D, rows: number): tf.Tensor2D {
  const [all, width] = x.shape
  const length = all / rows
  const earlier = tf.slice(tf.reshape(x, [rows, length, width]), [0, 0, 0], [rows, length - 1, width])
  const none: [number, number] = [0, 0]
  return tf.reshape(tf.pad(earlier, [none, [1, 0], none]), [all, width])
}

/** What stands at each text's last position: [B·T, C], lengths int32 [B] → [B, C]. */
export function lastOf(x: tf.Tensor2D, lengths: tf.Tensor): tf.Tensor2D {
  const [rows] = lengths.shape as [number]
  const [all, width] = x.shape
  const length = all / rows
  const last = tf.sub(lengths, tf.scalar(1, 'int32')) as tf.Tensor1D
  const isLast = tf.oneHot(last, length, 1, 0, 'float32')
  const inTime = tf.reshape(x, [rows, length, width])
  return tf.reshape(tf.matMul(tf.expandDims(isLast, 1), inTime), [rows, width])
}
