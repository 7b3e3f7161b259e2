/**
 * PaLM (Chowdhery et al. 2022) as in PaLM-rlhf-pytorch: attention and feed-forward side by side, both from
 * one fused projection of one norm (Wang & Komatsuzaki 2021), one key and one value for all heads (Shazeer
 * 2019), SwiGLU (Shazeer 2020), rotary positions with xPos (Sun et al. 2022), LayerNorm without bias, and
 * optionally queries and keys of length 1 (Dehghani et al. 2023).
 *
 * Departure from PaLM-rlhf-pytorch: xPos counts from the middle of the context, not of the text that is read.
 * A score depends on the distance alone, so nothing it says changes; and a text may grow while its keys are
 * remembered.
 */
import { layerNorm } from '../../compute/recording/fused-norms'
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { attendCached, attendCausally, causalMask, splitHeads } from '../layers/attention'
import { attentionMemory, attentionPrefixes, attentionRowBytes } from '../writing/attention-memory'
import { dropOf, keepAll, type Drop } from '../layers/dropout'
import type { PalmConfig } from '../model'
import { checkLength, weight, type Decoder, type Network, type WholeReading } from '../network'
import { nameIn } from './palm'
import { project, projectBack } from '../layers/projection'
import { rotate, type Rotation } from '../layers/rotary'
import { xposRotations } from '../layers/xpos'

export function palm(config: PalmConfig): Network {
  return {
    hiddenStates: (weights, ids, added) => {
      const [rows, length] = ids.shape as [number, number]
      return tf.reshape(readWhole(config, weights, ids, { added }), [rows, length, config.width])
    },
    unembed: (weights, states) => unembed(config, weights, states),
    decoder: decoder(config),
  }
}

/** Queries [N, H·D], key and value [N, D] of one layer, not yet normed and rotated → [N, H·D]. */
type Attend = (q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, layer: number) => tf.Tensor2D

const headsOf = ({ heads, headWidth }: PalmConfig) => ({ heads, keyValueHeads: 1, headWidth })

/** All positions at once, int32 [B, T] → [B·T, C]. */
function readWhole(
  config: PalmConfig,
  weights: Weights,
  ids: tf.Tensor,
  { added, keep }: WholeReading,
): tf.Tensor2D {
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, config.contextTokens)
  const shape = headsOf(config)
  const mask = causalMask(shape, length)
  const rotation = xposRotations(config, length)
  const drop = dropOf(weights)
  const attend: Attend = (q, k, v, layer) => {
    const queries = rotate(
      splitHeads(normed(config, weights, layer, q, 'q_scale'), rows, config.heads),
      rotation.queries,
    )
    const keys = rotate(splitHeads(normed(config, weights, layer, k, 'k_scale'), rows, 1), rotation.keys)
    const values = splitHeads(v, rows, 1)
    keep?.(layer, keys, values)
    return attendCausally(shape, queries, keys, values, mask, drop)
  }
  const tokens = embed(weights, tf.reshape(ids, [rows * length]))
  return blocks(
    config,
    weights,
    added ? tf.add(tokens, tf.reshape(added, tokens.shape)) : tokens,
    attend,
    drop,
  )
}

const embed = (weights: Weights, ids: tf.Tensor): tf.Tensor2D =>
  tf.gather(weight(weights, 'token_emb.weight'), ids) as tf.Tensor2D

/** The residual stream [N, C] through all blocks and the last norm. */
function blocks(
  config: PalmConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  attend: Attend,
  drop: Drop = keepAll,
): tf.Tensor2D {
  const { layers, heads, headWidth, innerWidth } = config
  let x = drop(stream)
  for (let layer = 0; layer < layers; layer++) {
    const through = (x: tf.Tensor2D, name: string): tf.Tensor2D => project(weights, nameIn(layer, name), x)
    const fused = through(norm(x, weight(weights, nameIn(layer, 'norm.gamma'))), 'fused_attn_ff_proj')
    const [q, k, v, inner, gate] = tf.split(
      fused,
      [heads * headWidth, headWidth, headWidth, innerWidth, innerWidth],
      1,
    ) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]

    const attended = through(attend(q, k, v, layer), 'attn_out')
    const open: tf.Tensor2D = tf.mul(tf.mul(gate, tf.sigmoid(gate)), inner)
    x = tf.add(x, drop(tf.add(attended, through(open, 'ff_out.2'))))
  }
  return norm(x, weight(weights, 'norm.gamma'))
}

const norm = (x: tf.Tensor2D, gain: tf.Tensor): tf.Tensor2D =>
  layerNorm(x, gain as tf.Tensor1D, tf.zeros([x.shape[1]]))

/** What attention multiplies a score with: 1/√D is attention's own, a normed query has this instead. */
const normedScale = 8
const leastSquare = 1e-24

/**
 * Each head of length 1, times its gain; the queries also times what makes up for attention's own scale. As
 * it is when the model does not norm.
 * @param x [N, heads · D]
 */
function normed(
  { hasNormedQueries, headWidth }: PalmConfig,
  weights: Weights,
  layer: number,
  x: tf.Tensor2D,
  gain: 'q_scale' | 'k_scale',
): tf.Tensor2D {
  if (!hasNormedQueries) return x
  const each = tf.reshape(x, [-1, headWidth])
  const unit = tf.mul(each, tf.rsqrt(tf.maximum(tf.sum(tf.square(each), -1, true), leastSquare)))
  const scaled = tf.mul(unit, weight(weights, nameIn(layer, gain)))
  return tf.reshape(gain === 'q_scale' ? tf.mul(scaled, normedScale * Math.sqrt(headWidth)) : scaled, x.shape)
}

function unembed({ isTied }: PalmConfig, weights: Weights, states: tf.Tensor2D): tf.Tensor2D {
  return projectBack(weights, isTied ? 'token_emb' : 'to_logits', states)
}

function decoder(config: PalmConfig): Decoder {
  const { heads, headWidth, contextTokens } = config
  const shape = { ...headsOf(config), layers: config.layers, contextTokens }
  return {
    rowBytes: attentionRowBytes(shape),
    createMemory: (rows) => attentionMemory(shape, rows),
    readToken(weights, batch) {
      const ids = weight(batch, 'ids')
      const [rows] = ids.shape as [number]
      const read: Record<string, tf.Tensor> = {}
      const all = xposRotations(config, contextTokens)
      const at = (table: tf.Tensor): tf.Tensor =>
        tf.expandDims(tf.gather(table, weight(batch, 'positions')), 1) // [B, 1, D/2]
      const turned = (x: tf.Tensor2D, count: number, { cosine, sine }: Rotation): tf.Tensor2D =>
        tf.reshape(rotate(tf.reshape(x, [rows, count, headWidth]), { cosine: at(cosine), sine: at(sine) }), [
          rows,
          count * headWidth,
        ])
      const states = blocks(config, weights, embed(weights, ids), (q, k, v, layer) => {
        const query = turned(normed(config, weights, layer, q, 'q_scale'), heads, all.queries)
        const key = turned(normed(config, weights, layer, k, 'k_scale'), 1, all.keys)
        return attendCached(batch, layer, { q: query, k: key, v }, read)
      })
      return { ...read, logits: unembed(config, weights, states) }
    },
    readPrompts(weights, batch): Tensors {
      const read: Record<string, tf.Tensor> = {}
      const keep = (layer: number, k: tf.Tensor3D, v: tf.Tensor3D): void => {
        read[`keys.${layer}`] = k
        read[`values.${layer}`] = v
      }
      readWhole(config, weights, weight(batch, 'ids'), { keep })
      return read
    },
    prefixesOf: (read, lengths, padded) => attentionPrefixes(shape, read, lengths, padded),
  }
}
