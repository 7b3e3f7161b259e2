/**
 * Llama (Touvron et al. 2023): the network of Llama 2 and 3, SmolLM and TinyLlama, and with biases that of
 * Qwen2.
 *
 * RMSNorm before each part (Zhang & Sennrich 2019), rotary positions, heads of queries that share keys and
 * values (Ainslie et al. 2023), a gated feed-forward with SiLU (Shazeer 2020, "SwiGLU"), no biases but
 * Qwen2's.
 */
import { rmsNorm } from '../../compute/recording/fused-norms'
import type { Tensors, Weights } from '../../compute/engine'
import * as tf from '../../compute/tf'
import { attendCached, attendCausally, causalMask, splitHeads } from '../layers/attention'
import { attentionMemory, attentionPrefixes, attentionRowBytes } from '../writing/attention-memory'
import { dropOf, keepAll, type Drop } from '../layers/dropout'
import { nameIn } from './llama-parameters'
import type { LlamaConfig } from '../model'
import { checkLength, weight, type Decoder, type Network, type WholeReading } from '../network'
import { project, projectBack } from '../layers/projection'
import { rotate, rotations } from '../layers/rotary'

export function llama(config: LlamaConfig): Network {
  return {
    hiddenStates: (weights, ids, added) => {
      const [rows, length] = ids.shape as [number, number]
      return tf.reshape(readWhole(config, weights, ids, { added }), [rows, length, config.width])
    },
    unembed: (weights, states) => unembed(config, weights, states),
    decoder: decoder(config),
  }
}

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
    return attendCausally(config, queries, keys, values, mask, drop)
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
  tf.gather(weight(weights, 'model.embed_tokens.weight'), ids) as tf.Tensor2D

/** The residual stream [N, C] through all blocks and the last norm. */
function blocks(
  config: LlamaConfig,
  weights: Weights,
  stream: tf.Tensor2D,
  attend: Attend,
  drop: Drop = keepAll,
): tf.Tensor2D {
  let x = drop(stream)
  for (let layer = 0; layer < config.layers; layer++) {
    const norm = (x: tf.Tensor2D, name: string): tf.Tensor2D =>
      rmsNorm(x, weight(weights, nameIn(layer, `${name}.weight`)) as tf.Tensor1D, config.normEpsilon)
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
  return rmsNorm(x, weight(weights, 'model.norm.weight') as tf.Tensor1D, config.normEpsilon)
}

function unembed({ isTied }: LlamaConfig, weights: Weights, states: tf.Tensor2D): tf.Tensor2D {
  return projectBack(weights, isTied ? 'model.embed_tokens' : 'lm_head', states)
}

function decoder(config: LlamaConfig): Decoder {
  const { keyValueHeads, heads, headWidth } = config
  return {
    rowBytes: attentionRowBytes(config),
    createMemory: (rows) => attentionMemory(config, rows),
    readToken(weights, batch) {
      const ids = weight(batch, 'ids')
      const [rows] = ids.shape as [number]
      const read: Record<string, tf.Tensor> = {}
      const all = rotations(config, config.contextTokens)
      const at = (table: tf.Tensor): tf.Tensor =>
        tf.expandDims(tf.gather(table, weight(batch, 'positions')), 1) // [B, 1, D/2]
      const rotation = { cosine: at(all.cosine), sine: at(all.sine) }
      const turned = (x: tf.Tensor2D, count: number): tf.Tensor2D =>
        tf.reshape(rotate(tf.reshape(x, [rows, count, headWidth]), rotation), [rows, count * headWidth])
      const states = blocks(config, weights, embed(weights, ids), (q, k, v, layer) =>
        attendCached(batch, layer, { q: turned(q, heads), k: turned(k, keyValueHeads), v }, read),
      )
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
    prefixesOf: (read, lengths, padded) => attentionPrefixes(config, read, lengths, padded),
  }
}
