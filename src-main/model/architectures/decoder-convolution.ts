/**
 * Short convolutions in the place of attention (Liquid AI 2025, "LFM2"): each channel is a weighted sum of its own
 * last K values,
 *
 *   y[t] = Σ_j w[j] · x[t − K + 1 + j]
 *
 * so that writing remembers K − 1 values a channel.
 */
import type { Tensors } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { weight, type WholeReading } from '../network'
import { nextOf, type StateShape } from '../writing/recurrent-memory'
import type { DecoderConfig } from './decoder-config'

const partOf = (layer: number): string => `convolved.${layer}`

/** What writing remembers of each convolution: its last K − 1 inputs, the oldest first. */
export const convolutionState = ({ width, design }: DecoderConfig): StateShape =>
  Object.fromEntries(
    design.layers.flatMap((kind, layer) =>
      kind === 'convolution' ? [[partOf(layer), { size: (design.kernel - 1) * width, initial: 0 }]] : [],
    ),
  )

/** Tap j of a kernel [C, 1, K]: [C]. */
const tap = (kernel: tf.Tensor, j: number): tf.Tensor1D => {
  const [width] = kernel.shape as [number]
  return tf.reshape(tf.slice(kernel as tf.Tensor3D, [0, 0, j], [width, 1, 1]), [width])
}

/**
 * All positions at once: [B·T, C] → [B·T, C], kernel [C, 1, K].
 * @param rows B
 */
export function convolveWhole(
  x: tf.Tensor2D,
  kernel: tf.Tensor,
  layer: number,
  rows: number,
  { states, lengths }: WholeReading,
): tf.Tensor2D {
  const [all, width] = x.shape
  const [length, before] = [all / rows, kernel.shape[2]! - 1]
  const nothing = tf.zeros([rows, before, width])
  const padded = tf.concat([nothing, tf.reshape(x, [rows, length, width])], 1) as tf.Tensor3D
  if (states && lengths) states[nextOf(partOf(layer))] = lastInputs(padded, lengths, before)
  const taps = Array.from({ length: before + 1 }, (_, j) =>
    tf.mul(tf.slice(padded, [0, j, 0], [rows, length, width]), tap(kernel, j)),
  )
  return tf.reshape(
    taps.reduce((sum: tf.Tensor, each) => tf.add(sum, each)),
    [all, width],
  )
}

/** The last inputs of each text, whose first `before` are nothing: [B, before + T, C] → [B, before · C]. */
function lastInputs(padded: tf.Tensor3D, lengths: tf.Tensor, before: number): tf.Tensor2D {
  const [rows, length, width] = padded.shape
  const at = tf.add(tf.expandDims(lengths, 1), tf.range(0, before, 1, 'int32')) // [B, before]
  const picked = tf.oneHot(tf.cast(at, 'int32') as tf.Tensor2D, length, 1, 0, 'float32')
  return tf.reshape(tf.matMul(picked, padded), [rows, before * width])
}

/** One position a row on top of what is remembered: [B, C] → [B, C]. @param read receives the new memory */
export function convolveStep(
  x: tf.Tensor2D,
  kernel: tf.Tensor,
  layer: number,
  batch: Tensors,
  read: Record<string, tf.Tensor>,
): tf.Tensor2D {
  const [rows, width] = x.shape
  const before = kernel.shape[2]! - 1
  const seen = tf.concat([weight(batch, partOf(layer)) as tf.Tensor2D, x], 1) as tf.Tensor2D
  read[nextOf(partOf(layer))] = tf.slice(seen, [0, width], [rows, before * width])
  const taps = Array.from({ length: before + 1 }, (_, j) =>
    tf.mul(tf.slice(seen, [0, j * width], [rows, width]), tap(kernel, j)),
  )
  return taps.reduce((sum: tf.Tensor, each) => tf.add(sum, each)) as tf.Tensor2D
}
