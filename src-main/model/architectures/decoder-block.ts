/** The blocks of a decoder: norms, attention or a convolution, the feed-forward, and how they are added. */
import type { Weights } from '../../compute/engine'
import { gelu } from '../../compute/recording/fused'
import { layerNorm, rmsNorm } from '../../compute/recording/fused-norms'
import * as tf from '../../compute/tf'
import { exactGelu } from '../layers/activations'
import { keepAll, type Drop } from '../layers/dropout'
import { project } from '../layers/projection'
import { weight } from '../network'
import type { DecoderConfig, DecoderDesign } from './decoder-config'
import { nameIn, namesOf } from './decoder-names'

/** How positions learn of each other: all at once, or one on top of a memory. */
export interface Mixing {
  /** Queries [N, H·D], keys and values [N, KV·D] of one layer, not yet rotated → [N, H·D]. */
  attend(q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, layer: number): tf.Tensor2D
  /** Each channel with those before it: [N, C], kernel [C, 1, K] → [N, C]. */
  convolve(x: tf.Tensor2D, kernel: tf.Tensor, layer: number): tf.Tensor2D
}

/** The residual stream [N, C] through all blocks and the last norm. */
export function blocks(
  config: DecoderConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  mixing: Mixing,
  drop: Drop = keepAll,
): tf.Tensor2D {
  const { design, layers } = config
  const names = namesOf(config.family)
  const isBefore = design.normPlace === 'before' || design.normPlace === 'around'
  const isAfter = design.normPlace === 'after' || design.normPlace === 'around'
  let x = drop(stream)
  for (let layer = 0; layer < layers; layer++) {
    const norm = (name: string, x: tf.Tensor2D, isThere: boolean): tf.Tensor2D =>
      isThere ? normed(config, weights, nameIn(names, layer, name), x) : x
    const added = (x: tf.Tensor2D, part: tf.Tensor2D): tf.Tensor2D => {
      const dropped = drop(part)
      return tf.add(x, design.residualScale === 1 ? dropped : tf.mul(dropped, design.residualScale))
    }
    const before = norm(names.beforeAttention, x, isBefore || design.normPlace === 'shared')
    const mixed = norm(names.afterAttention, mix(config, weights, layer, before, mixing), isAfter)
    x = added(x, mixed)
    const inside = design.normPlace === 'shared' ? before : norm(names.beforeInner, x, isBefore)
    x = added(x, norm(names.afterInner, feedForward(config, weights, layer, inside), isAfter))
  }
  return normed(config, weights, names.lastNorm, x)
}

/** [N, C] → [N, C] */
function normed({ design, normEpsilon }: DecoderConfig, weights: Weights, name: string, x: tf.Tensor2D) {
  const gain = weight(weights, `${name}.weight`) as tf.Tensor1D
  if (design.norm === 'layer')
    return layerNorm(x, gain, weight(weights, `${name}.bias`) as tf.Tensor1D, normEpsilon)
  return rmsNorm(x, gainOf(design, gain), normEpsilon)
}

const gainOf = ({ norm }: DecoderDesign, gain: tf.Tensor1D): tf.Tensor1D =>
  norm === 'rms-from-one' ? tf.add(gain, 1) : gain

/** Attention or a convolution, with the projections around it: [N, C] → [N, C]. */
function mix(
  config: DecoderConfig,
  weights: Weights,
  layer: number,
  x: tf.Tensor2D,
  { attend, convolve }: Mixing,
): tf.Tensor2D {
  const names = namesOf(config.family)
  const through = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
    project(weights, nameIn(names, layer, name), x)
  if (config.design.layers[layer] === 'convolution') {
    const [open, close, value] = tf.split(through(x, names.convIn), 3, 1) as tf.Tensor2D[]
    const kernel = weight(weights, `${nameIn(names, layer, names.conv)}.weight`)
    const convolved = convolve(tf.mul(open!, value!), kernel, layer)
    return through(tf.mul(close!, convolved), names.convOut)
  }
  const query = (part: 'q' | 'k'): tf.Tensor2D =>
    queryNormed(config, weights, nameIn(names, layer, names[`${part}Norm`]), through(x, names[part]))
  return through(attend(query('q'), query('k'), through(x, names.v), layer), names.o)
}

/** Queries or keys, [N, H·D] → [N, H·D]. */
function queryNormed(
  { design, headWidth, normEpsilon }: DecoderConfig,
  weights: Weights,
  name: string,
  x: tf.Tensor2D,
): tf.Tensor2D {
  if (design.queryNorm === 'none') return x
  const gain = gainOf(design, weight(weights, `${name}.weight`) as tf.Tensor1D)
  if (design.queryNorm === 'whole') return rmsNorm(x, gain, normEpsilon)
  const heads: tf.Tensor2D = tf.reshape(x, [x.size / headWidth, headWidth])
  return tf.reshape(rmsNorm(heads, gain, normEpsilon), x.shape)
}

const activations: Readonly<Record<DecoderDesign['activation'], (x: tf.Tensor2D) => tf.Tensor2D>> = {
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: exactGelu,
  'gelu-tanh': gelu,
  relu: (x) => tf.relu(x),
}

/** [N, C] → [N, C] */
function feedForward(config: DecoderConfig, weights: Weights, layer: number, x: tf.Tensor2D): tf.Tensor2D {
  const { activation, isGated } = config.design
  const names = namesOf(config.family)
  const through = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
    project(weights, nameIn(names, layer, name), x)
  const bend = activations[activation]
  const inner = isGated
    ? tf.mul(bend(through(x, names.gate)), through(x, names.up))
    : bend(through(x, names.up))
  return through(inner as tf.Tensor2D, names.down)
}
