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
import type { Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { attendCached, attendCausally, causalMask, splitHeads } from '../layers/attention'
import { dropOf, keepAll, type Drop } from '../layers/dropout'
import { project, projectBack } from '../layers/projection'
import { rotate, rotateHeads, rotationAt } from '../layers/rotary'
import { xposRotations } from '../layers/xpos'
import { checkLength, weight, writtenContext, type Network, type WholeReading } from '../network'
import { nameIn, type PalmConfig } from './palm'
import { embedded, transformer } from './transformer'

export function palmNetwork(config: PalmConfig): Network {
  const { layers, heads, contextTokens, width, isTied } = config
  return transformer({ ...headsOf(config), layers, contextTokens }, width, {
    readWhole: (weights, ids, reading) => readWhole(config, weights, ids, reading),
    readToken(weights, batch, read) {
      const all = xposRotations(config, writtenContext(contextTokens))
      const positions = weight(batch, 'positions')
      const tokens = embedded(weights, tokenTable, weight(batch, 'ids'))
      return blocks(config, weights, tokens, (q, k, v, layer) => {
        const query = normed(config, weights, layer, q, 'q_scale')
        const key = normed(config, weights, layer, k, 'k_scale')
        const asks = {
          q: rotateHeads(query, heads, rotationAt(all.queries, positions)),
          k: rotateHeads(key, 1, rotationAt(all.keys, positions)),
          v,
        }
        return attendCached(batch, layer, asks, read)
      })
    },
    unembed: (weights, states) => projectBack(weights, isTied ? 'token_emb' : 'to_logits', states),
  })
}

const tokenTable = 'token_emb.weight'

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
    const query = normed(config, weights, layer, q, 'q_scale')
    const key = normed(config, weights, layer, k, 'k_scale')
    const queries = rotate(splitHeads(query, rows, config.heads), rotation.queries)
    const keys = rotate(splitHeads(key, rows, 1), rotation.keys)
    const values = splitHeads(v, rows, 1)
    keep?.(layer, keys, values)
    return attendCausally(shape, { queries, keys, values }, mask, drop)
  }
  return blocks(config, weights, embedded(weights, tokenTable, ids, added), attend, drop)
}

/** The residual stream [N, C] through all blocks and the last norm. */
function blocks(
  { layers, heads, headWidth, innerWidth }: PalmConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  attend: Attend,
  drop: Drop = keepAll,
): tf.Tensor2D {
  const parts = [heads * headWidth, headWidth, headWidth, innerWidth, innerWidth]
  let x = drop(stream)
  for (let layer = 0; layer < layers; layer++) {
    const through = (x: tf.Tensor2D, name: string): tf.Tensor2D => project(weights, nameIn(layer, name), x)
    const fused = through(norm(x, weight(weights, nameIn(layer, 'norm.gamma'))), 'fused_attn_ff_proj')
    const [q, k, v, inner, gate] = tf.split(fused, parts, 1) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ]
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
