/**
 * What every transformer here does alike around its blocks: it reads whole texts, and writes over a memory of
 * keys and values.
 */
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { weight, type Network, type WholeReading } from '../network'
import {
  attentionMemory,
  attentionPrefixes,
  attentionRowBytes,
  type AttentionShape,
} from '../writing/attention-memory'
import { joinedMemory, joinedPrefix } from '../writing/joined-memory'
import {
  recurrentMemory,
  recurrentPrefixes,
  recurrentRowBytes,
  type StateShape,
} from '../writing/recurrent-memory'

/** What one architecture does in its own way. */
export interface TransformerParts {
  /** All positions at once, int32 [B, T] → [B·T, C], after the last norm. */
  readWhole(weights: Weights, ids: tf.Tensor, reading: WholeReading): tf.Tensor2D
  /**
   * One token a row on top of a memory → [B, C], after the last norm.
   * @param batch `ids`, `positions` int32 [B], and the memory
   * @param read  receives the memory with what is new
   */
  readToken(weights: Weights, batch: Tensors, read: Record<string, tf.Tensor>): tf.Tensor2D
  /** [N, C] → [N, V] */
  unembed(weights: Weights, states: tf.Tensor2D): tf.Tensor2D
}

/**
 * @param width C
 * @param state of the layers that do not attend but have one
 */
export function transformer(
  shape: AttentionShape,
  width: number,
  { readWhole, readToken, unembed }: TransformerParts,
  state: StateShape = {},
): Network {
  return {
    hiddenStates(weights, ids, added) {
      const [rows, length] = ids.shape as [number, number]
      return tf.reshape(readWhole(weights, ids, { added }), [rows, length, width])
    },
    unembed,
    decoder: {
      rowBytes: attentionRowBytes(shape) + recurrentRowBytes(state),
      createMemory: (rows) =>
        isEmpty(state)
          ? attentionMemory(shape, rows)
          : joinedMemory(attentionMemory(shape, rows), recurrentMemory(state, rows)),
      readToken(weights, batch) {
        const read: Record<string, tf.Tensor> = {}
        const states = readToken(weights, batch, read)
        return { ...read, logits: unembed(weights, states) }
      },
      readPrompts: (weights, batch) => promptsRead(readWhole, weights, batch),
      prefixesOf(read, lengths, padded) {
        const attended = attentionPrefixes(shape, read, lengths, padded)
        if (isEmpty(state)) return attended
        return recurrentPrefixes(state, read, lengths).map((each, i) => joinedPrefix(attended[i]!, each))
      },
    },
  }
}

function promptsRead(readWhole: TransformerParts['readWhole'], weights: Weights, batch: Tensors): Tensors {
  const read: Record<string, tf.Tensor> = {}
  readWhole(weights, weight(batch, 'ids'), {
    states: read,
    lengths: batch['lengths'],
    keep(layer, keys, values) {
      read[`keys.${layer}`] = keys
      read[`values.${layer}`] = values
    },
  })
  return read
}

const isEmpty = (state: StateShape): boolean => Object.keys(state).length === 0

/** Tokens as they enter the first block: int32 [B, T] → [B·T, C]. @param added to each, [B, T, C] */
export function embedded(
  weights: Weights,
  table: string,
  ids: tf.Tensor,
  added?: tf.Tensor3D | undefined,
): tf.Tensor2D {
  const tokens = tf.gather(weight(weights, table), tf.reshape(ids, [ids.size])) as tf.Tensor2D
  return added ? tf.add(tokens, tf.reshape(added, tokens.shape)) : tokens
}
