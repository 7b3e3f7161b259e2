/**
 * GPT: the network of GPT-2 (Radford et al. 2019) in the sizes of minGPT, as pure functions of named weights.
 *
 * LayerNorm before each part, learned positions, one matrix for queries, keys and values, a four times wider inner layer
 * with tanh-GELU, a last LayerNorm. Departures from minGPT:
 * 1. the output matrix is the token embedding, as in GPT-2 and nanoGPT (tied; Press & Wolf 2017). A matrix of its own is a
 *    little better at 0.8M parameters: 2.02 against 2.05 nats a character held out, after 500 updates of 64 × 64 tokens;
 * 2. no dropout: what is trained must be the distribution that was sampled, and small models on plenty of text lose by it.
 */
import { attention, feedForward, layerNorm, linear } from '../compute/fused'
import type { Weights } from '../compute/engine'
import * as tf from '../compute/tf'
import { nameIn } from './gpt-parameters'
import type { GptConfig } from './model'

/** Added to the score of what may not be seen: e to its power is 0 in float32. */
export const hidden = -1e9

/**
 * What the trunk makes of each position, after the last LayerNorm.
 * @param ids  int32 [B, T], T ≤ contextTokens. Attention is causal: what stands after a text's end changes nothing before it
 * @returns [B, T, C]
 */
export function hiddenStates(config: GptConfig, weights: Weights, ids: tf.Tensor): tf.Tensor3D {
  const [rows, length] = ids.shape as [number, number]
  const mask = causalMask(length)
  const attend = (qkv: tf.Tensor2D): tf.Tensor2D => attendCausally(config, splitHeads(config, qkv, rows), mask, rows)
  let x = embedRows(config, weights, ids)
  for (let layer = 0; layer < config.layers; layer++) x = block(weights, layer, x, attend)
  return tf.reshape(finalNorm(weights, x), [rows, length, config.width])
}

/** Tokens and their positions: int32 [B, T] → [B·T, C]. @throws RangeError when there are more positions than the model has */
export function embedRows({ contextTokens, width }: GptConfig, weights: Weights, ids: tf.Tensor): tf.Tensor2D {
  const [rows, length] = ids.shape as [number, number]
  if (length > contextTokens) throw new RangeError(`the text has ${length} tokens; this model reads at most ${contextTokens}`)
  const positions = tf.slice(weight(weights, 'transformer.wpe.weight'), [0, 0], [length, width])
  const tokens = tf.reshape(embedding(weights, 'wte', tf.reshape(ids, [rows * length])), [rows, length, width])
  return tf.reshape(tf.add(tokens, positions), [rows * length, width])
}

/** Rows of the token (wte) or position (wpe) embedding: int32 [N] → [N, C]. */
export const embedding = (weights: Weights, table: 'wte' | 'wpe', ids: tf.Tensor): tf.Tensor2D => tf.gather(weight(weights, `transformer.${table}.weight`), ids) as tf.Tensor2D

/**
 * One transformer block. How positions see each other is handed in, since decoding sees them through a cache.
 * @param x       residual stream [N, C]
 * @param attend  queries, keys and values [N, 3C] → [N, C]
 */
export function block(weights: Weights, layer: number, x: tf.Tensor2D, attend: (qkv: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  const of = (name: string): tf.Tensor => weight(weights, nameIn(layer, name))
  const matrix = (name: string): tf.Tensor2D => of(`${name}.weight`) as tf.Tensor2D
  const gain = (name: string): tf.Tensor1D => of(`${name}.weight`) as tf.Tensor1D
  const bias = (name: string): tf.Tensor1D => of(`${name}.bias`) as tf.Tensor1D
  const qkv = linear(layerNorm(x, gain('ln_1'), bias('ln_1')), matrix('attn.c_attn'), bias('attn.c_attn'))
  const y: tf.Tensor2D = tf.add(x, linear(attend(qkv), matrix('attn.c_proj'), bias('attn.c_proj')))
  const inner = feedForward(layerNorm(y, gain('ln_2'), bias('ln_2')), matrix('mlp.c_fc'), bias('mlp.c_fc'), matrix('mlp.c_proj'), bias('mlp.c_proj'))
  return tf.add(y, inner)
}

/** The last LayerNorm: [N, C] → [N, C]. */
export const finalNorm = (weights: Weights, x: tf.Tensor2D): tf.Tensor2D =>
  layerNorm(x, weight(weights, 'transformer.ln_f.weight') as tf.Tensor1D, weight(weights, 'transformer.ln_f.bias') as tf.Tensor1D)

/** Unnormalised log-probabilities of the next token: [N, C] → [N, V]. */
export const unembed = (weights: Weights, states: tf.Tensor2D): tf.Tensor2D => tf.matMul(states, weight(weights, 'transformer.wte.weight') as tf.Tensor2D, false, true)

/** Logits of every position's next token: int32 [B, T] → [B, T, V]. */
export function logits(config: GptConfig, weights: Weights, ids: tf.Tensor): tf.Tensor3D {
  const [rows, length] = ids.shape as [number, number]
  const states: tf.Tensor2D = tf.reshape(hiddenStates(config, weights, ids), [rows * length, config.width])
  return tf.reshape(unembed(weights, states), [rows, length, config.vocabulary])
}

/** Queries, keys and values [B·T, 3C], each as [B·H, T, C/H]. */
export function splitHeads({ heads, width }: GptConfig, qkv: tf.Tensor2D, rows: number): Heads {
  const length = qkv.shape[0] / rows
  const parted = tf.transpose(tf.reshape(qkv, [rows, length, 3, heads, width / heads]), [2, 0, 3, 1, 4])
  return tf.unstack(tf.reshape(parted, [3, rows * heads, length, width / heads])) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]
}

/** Queries, keys, values. */
export type Heads = readonly [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D]

/** Each position looks at itself and at what came before it: [B·H, T, C/H] three times → [B·T, C]. */
export function attendCausally({ heads, width }: GptConfig, [q, k, v]: Heads, mask: tf.Tensor2D, rows: number): tf.Tensor2D {
  const length = q.shape[1]
  const attended = tf.reshape(attention(q, k, v, mask), [rows, heads, length, width / heads])
  return tf.reshape(tf.transpose(attended, [0, 2, 1, 3]), [rows * length, width])
}

/** @throws Error when the model has no such tensor */
export function weight(weights: Weights, name: string): tf.Tensor {
  const found = weights[name]
  if (!found) throw new Error(`the model has no tensor "${name}"`)
  return found
}

/** [T, T]: 0 where a position (row) may look, `hidden` at what comes after it. */
export function causalMask(length: number): tf.Tensor2D {
  const mask = new Float32Array(length * length)
  for (let row = 0; row < length; row++) mask.fill(hidden, row * length + row + 1, (row + 1) * length)
  return tf.tensor2d(mask, [length, length])
}
