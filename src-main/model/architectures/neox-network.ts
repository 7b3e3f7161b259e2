/**
 * GPT-NeoX (Black et al. 2022) and Pythia (Biderman et al. 2023): LayerNorm before each part, one fused projection
 * for queries, keys and values, rotary positions on the first numbers of each head alone, and attention and
 * feed-forward side by side (Wang & Komatsuzaki 2021):
 *
 *   x′ = x + attention(norm₁(x)) + feedForward(norm₂(x)),   or one after the other as in GPT-2
 */
import type { Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { attendCached, attendCausally, causalMask } from '../layers/attention'
import { exactGelu } from '../layers/activations'
import { dropOf, keepAll, type Drop } from '../layers/dropout'
import { namedNorm } from '../layers/norms'
import { project, projectBack, projectThroughGelu } from '../layers/projection'
import { rotate, rotationAt, rotations, rotationsAsWritten, type RotarySettings } from '../layers/rotary'
import { checkLength, weight, type Network, type WholeReading, writtenContext } from '../network'
import { nameIn } from './neox'
import type { NeoxConfig } from './neox-config'
import { embedded, transformer } from './transformer'

export function neoxNetwork(config: NeoxConfig): Network {
  const { layers, contextTokens, width, isTied } = config
  const shape = { ...headsOf(config), layers, contextTokens }
  return transformer(shape, width, {
    readWhole: (weights, ids, reading) => readWhole(config, weights, ids, reading),
    readToken(weights, batch, read) {
      const rotation = rotationAt(
        rotationsAsWritten(rotaryOf(config), writtenContext(contextTokens)),
        weight(batch, 'positions'),
      )
      const tokens = embedded(weights, tokenTable, weight(batch, 'ids'))
      return blocks(config, weights, tokens, (qkv, layer) => {
        const [q, k, v] = partsOf(qkv, config)
        const flat = (x: tf.Tensor3D): tf.Tensor2D => tf.reshape(x, [x.shape[0], width])
        const asks = {
          q: flat(rotate(q, rotation)),
          k: flat(rotate(k, rotation)),
          v: flat(v),
        }
        return attendCached(batch, layer, asks, read)
      })
    },
    unembed: (weights, states) => projectBack(weights, isTied ? 'gpt_neox.embed_in' : 'embed_out', states),
  })
}

const tokenTable = 'gpt_neox.embed_in.weight'

/** What the fused projection gives in one layer, [N, 3C], becomes when each position has looked: [N, C]. */
type Attend = (qkv: tf.Tensor2D, layer: number) => tf.Tensor2D

const headsOf = ({ heads, width }: NeoxConfig) => ({ heads, keyValueHeads: heads, headWidth: width / heads })

const rotaryOf = ({ rotatedWidth, ropeBase, ropeScaling }: NeoxConfig): RotarySettings => ({
  headWidth: rotatedWidth,
  ropeBase,
  ropeScaling,
})

/** Queries, keys and values, which lie head by head: [N, H·3·D] → [N, H, D] each. */
function partsOf(qkv: tf.Tensor2D, config: NeoxConfig): [q: tf.Tensor3D, k: tf.Tensor3D, v: tf.Tensor3D] {
  const { heads, headWidth } = headsOf(config)
  return tf.split(tf.reshape(qkv, [qkv.shape[0], heads, 3 * headWidth]), 3, 2) as [
    tf.Tensor3D,
    tf.Tensor3D,
    tf.Tensor3D,
  ]
}

/** All positions at once, int32 [B, T] → [B·T, C]. */
function readWhole(
  config: NeoxConfig,
  weights: Weights,
  ids: tf.Tensor,
  { added, keep }: WholeReading,
): tf.Tensor2D {
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, config.contextTokens)
  const shape = headsOf(config)
  const { heads, headWidth } = shape
  const mask = causalMask(shape, length)
  const rotation = rotations(rotaryOf(config), length)
  const drop = dropOf(weights)
  /** [B·T, H, D] → [B·H, T, D] */
  const inTime = (x: tf.Tensor3D): tf.Tensor3D =>
    tf.reshape(tf.transpose(tf.reshape(x, [rows, length, heads, headWidth]), [0, 2, 1, 3]), [
      rows * heads,
      length,
      headWidth,
    ])
  const attend: Attend = (qkv, layer) => {
    const [q, k, v] = partsOf(qkv, config)
    const queries = rotate(inTime(q), rotation)
    const keys = rotate(inTime(k), rotation)
    const values = inTime(v)
    keep?.(layer, keys, values)
    return attendCausally(shape, { queries, keys, values }, mask, drop)
  }
  return blocks(config, weights, embedded(weights, tokenTable, ids, added), attend, drop)
}

/** The residual stream [N, C] through all blocks and the last norm. */
function blocks(
  config: NeoxConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  attend: Attend,
  drop: Drop = keepAll,
): tf.Tensor2D {
  const { layers, normEpsilon, isParallel } = config
  let x = drop(stream)
  for (let layer = 0; layer < layers; layer++) {
    const norm = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
      namedNorm(weights, nameIn(layer, name), x, normEpsilon)
    const asked = project(weights, nameIn(layer, 'attention.query_key_value'), norm(x, 'input_layernorm'))
    const attended = drop(project(weights, nameIn(layer, 'attention.dense'), attend(asked, layer)))
    const before = x
    x = tf.add(x, attended)
    const normed = norm(isParallel ? before : x, 'post_attention_layernorm')
    x = tf.add(x, drop(feedForward(config, weights, layer, normed)))
  }
  return namedNorm(weights, 'gpt_neox.final_layer_norm', x, normEpsilon)
}

/** [N, C] → [N, C] */
function feedForward(
  { hasExactGelu }: NeoxConfig,
  weights: Weights,
  layer: number,
  x: tf.Tensor2D,
): tf.Tensor2D {
  const up = nameIn(layer, 'mlp.dense_h_to_4h')
  const down = nameIn(layer, 'mlp.dense_4h_to_h')
  return hasExactGelu
    ? project(weights, down, exactGelu(project(weights, up, x)))
    : projectThroughGelu(weights, up, down, x)
}
