/**
 * RWKV-4 (Peng et al. 2023): a recurrent network that is trained like a transformer. Each block mixes a
 * position with the one before it, and with all that came before by an average whose weights fade, each
 * channel at its own pace; then it mixes channels. A text of any length is remembered in four vectors a
 * layer.
 */
import { squaredRelu } from '../../compute/recording/fused'
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { noWeight, wkv4, wkv4StateAfter, wkv4Step } from '../../maths/wkv4'
import { dropOf, keepAll } from '../layers/dropout'
import { namedNorm } from '../layers/norms'
import { project } from '../layers/projection'
import { checkLength, weight, type Network } from '../network'
import { nameIn } from './rwkv'
import { embedNormed, lastOf, recurrent, shifted, statePart, type Keep } from './rwkv-network'
import type { Rwkv4Config } from './rwkv4'

export function rwkv4Network(config: Rwkv4Config): Network {
  const { layers, width } = config
  const shape = {
    ...statePart(layers, 'att', width),
    ...statePart(layers, 'ffn', width),
    ...statePart(layers, 'mean', width),
    ...statePart(layers, 'weight', width, noWeight),
  }
  return recurrent<Past>(shape, width, {
    blocks: (weights, past, ids, added) => blocks(config, weights, past, ids, added),
    wholeText: (ids, lengths, keep) => wholeText(config, ids, lengths, keep),
    fromMemory,
  })
}

/** What a layer learns of the positions before: of a whole text, or from a memory. */
interface Past {
  /** What this part of the layer read one position before: [N, C] → [N, C]. */
  before(x: tf.Tensor2D, part: 'att' | 'ffn', layer: number): tf.Tensor2D
  /** The weighted average of values up to each position: [N, C] each, decay and first [C]. */
  average(k: tf.Tensor2D, v: tf.Tensor2D, decay: tf.Tensor1D, first: tf.Tensor1D, layer: number): tf.Tensor2D
}

/** The residual stream of tokens int32 through all blocks and the last norm: [N, C]. */
function blocks(
  { layers }: Rwkv4Config,
  weights: Weights,
  past: Past,
  ids: tf.Tensor,
  added?: tf.Tensor3D,
): tf.Tensor2D {
  const drop = dropOf(weights) ?? keepAll
  let x = embedNormed(weights, ids, drop, added)
  for (let layer = 0; layer < layers; layer++) {
    const of = (name: string): tf.Tensor1D => weight(weights, nameIn(layer, name)) as tf.Tensor1D
    const through = (x: tf.Tensor2D, name: string): tf.Tensor2D => project(weights, nameIn(layer, name), x)
    const mixing = (x: tf.Tensor2D, part: 'att' | 'ffn') => {
      const before = past.before(x, part, layer)
      const change = tf.sub(x, before)
      return (letter: 'k' | 'v' | 'r'): tf.Tensor2D =>
        tf.add(before, tf.mul(change, of(`${part}.time_mix_${letter}`)))
    }

    const time = mixing(namedNorm(weights, nameIn(layer, 'ln1'), x), 'att')
    const average = past.average(
      through(time('k'), 'att.key'),
      through(time('v'), 'att.value'),
      tf.exp(of('att.time_decay')),
      of('att.time_first'),
      layer,
    )
    x = tf.add(
      x,
      drop(through(tf.mul(tf.sigmoid(through(time('r'), 'att.receptance')), average), 'att.output')),
    )

    const channel = mixing(namedNorm(weights, nameIn(layer, 'ln2'), x), 'ffn')
    const inner = through(squaredRelu(through(channel('k'), 'ffn.key')), 'ffn.value')
    x = tf.add(x, drop(tf.mul(tf.sigmoid(through(channel('r'), 'ffn.receptance')), inner)))
  }
  return namedNorm(weights, 'ln_out', x)
}

/**
 * All positions at once, int32 [B, T].
 * @param keep is given the state after the first `lengths` tokens of each text, part by part
 */
function wholeText(
  { width, contextTokens }: Rwkv4Config,
  ids: tf.Tensor,
  lengths?: tf.Tensor,
  keep?: Keep,
): Past {
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, contextTokens)
  const inTime = (x: tf.Tensor2D): tf.Tensor3D => tf.reshape(x, [rows, length, width])
  return {
    before(x, part, layer) {
      if (lengths) keep?.(`${part}.${layer}`, lastOf(x, lengths))
      return shifted(x, rows)
    },
    average(k, v, decay, first, layer) {
      if (lengths) {
        const { mean, logWeight } = wkv4StateAfter(inTime(k), inTime(v), decay, lengths)
        keep?.(`mean.${layer}`, mean)
        keep?.(`weight.${layer}`, logWeight)
      }
      return tf.reshape(wkv4(inTime(k), inTime(v), decay, first), [rows * length, width])
    },
  }
}

/** One position on top of the memory's parts. @param keep is given the new ones */
const fromMemory = (batch: Tensors, keep: Keep): Past => ({
  before(x, part, layer) {
    keep(`${part}.${layer}`, x)
    return weight(batch, `${part}.${layer}`) as tf.Tensor2D
  },
  average(k, v, decay, first, layer) {
    const { read, next } = wkv4Step(
      k,
      v,
      { mean: weight(batch, `mean.${layer}`), logWeight: weight(batch, `weight.${layer}`) },
      decay,
      first,
    )
    keep(`mean.${layer}`, next.mean)
    keep(`weight.${layer}`, next.logWeight)
    return read
  },
})
