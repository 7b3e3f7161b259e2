/**
 * Llama (Touvron et al. 2023): the network of Llama 2 and 3, SmolLM and TinyLlama, and with biases that of
 * Qwen2.
 *
 * RMSNorm before each part (Zhang & Sennrich 2019), rotary positions, heads of queries that share keys and
 * values (Ainslie et al. 2023), a gated feed-forward with SiLU (Shazeer 2020, "SwiGLU"), no biases but
 * Qwen2's.
 */
import type { Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { attendCached, attendCausally, causalMask, splitHeads } from '../layers/attention'
import { dropOf, keepAll, type Drop } from '../layers/dropout'
import { namedRmsNorm } from '../layers/norms'
import { project, projectBack } from '../layers/projection'
import { rotate, rotateHeads, rotationAt, rotations } from '../layers/rotary'
import { checkLength, weight, type Network, type WholeReading } from '../network'
import { nameIn, type LlamaConfig } from './llama-parameters'
import { embedded, transformer } from './transformer'

export function llamaNetwork(config: LlamaConfig): Network {
  const { heads, keyValueHeads, contextTokens, width, isTied } = config
  return transformer(config, width, {
    readWhole: (weights, ids, reading) => readWhole(config, weights, ids, reading),
    readToken(weights, batch, read) {
      const rotation = rotationAt(rotations(config, contextTokens), weight(batch, 'positions'))
      const tokens = embedded(weights, tokenTable, weight(batch, 'ids'))
      return blocks(config, weights, tokens, (q, k, v, layer) => {
        const asks = { q: rotateHeads(q, heads, rotation), k: rotateHeads(k, keyValueHeads, rotation), v }
        return attendCached(batch, layer, asks, read)
      })
    },
    unembed: (weights, states) => projectBack(weights, isTied ? 'model.embed_tokens' : 'lm_head', states),
  })
}

const tokenTable = 'model.embed_tokens.weight'

/** Queries [N, H·D], keys and values [N, KV·D] of one layer, not yet rotated → [N, H·D]. */
type Attend = (q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D, layer: number) => tf.Tensor2D

/** All positions at once, int32 [B, T] → [B·T, C]. */
function readWhole(
  config: LlamaConfig,
  weights: Weights,
  ids: tf.Tensor,
  { added, keep }: WholeReading,
): tf.Tensor2D {
  const [rows, length] = ids.shape as [number, number]
  checkLength(length, config.contextTokens)
  const mask = causalMask(config, length)
  const rotation = rotations(config, length)
  const drop = dropOf(weights)
  const attend: Attend = (q, k, v, layer) => {
    const queries = rotate(splitHeads(q, rows, config.heads), rotation)
    const keys = rotate(splitHeads(k, rows, config.keyValueHeads), rotation)
    const values = splitHeads(v, rows, config.keyValueHeads)
    keep?.(layer, keys, values)
    return attendCausally(config, { queries, keys, values }, mask, drop)
  }
  return blocks(config, weights, embedded(weights, tokenTable, ids, added), attend, drop)
}

/** The residual stream [N, C] through all blocks and the last norm. */
function blocks(
  { layers, normEpsilon }: LlamaConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  attend: Attend,
  drop: Drop = keepAll,
): tf.Tensor2D {
  let x = drop(stream)
  for (let layer = 0; layer < layers; layer++) {
    const norm = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
      namedRmsNorm(weights, nameIn(layer, name), x, normEpsilon)
    const through = (x: tf.Tensor2D, name: string): tf.Tensor2D => project(weights, nameIn(layer, name), x)

    const normed = norm(x, 'input_layernorm')
    const attended = attend(
      through(normed, 'self_attn.q_proj'),
      through(normed, 'self_attn.k_proj'),
      through(normed, 'self_attn.v_proj'),
      layer,
    )
    x = tf.add(x, drop(through(attended, 'self_attn.o_proj')))
    const inner = norm(x, 'post_attention_layernorm')
    const gate = through(inner, 'mlp.gate_proj')
    const open: tf.Tensor2D = tf.mul(tf.mul(gate, tf.sigmoid(gate)), through(inner, 'mlp.up_proj'))
    x = tf.add(x, drop(through(open, 'mlp.down_proj')))
  }
  return namedRmsNorm(weights, 'model.norm', x, normEpsilon)
}
