/** The two programs of writing text: reading prompts at once, and reading one token a row on top of a cache. */
import type { Engine, Program } from '../compute/engine'
import * as tf from '../compute/tf'
import type { Prefix } from './cache'
import { attendCausally, block, causalMask, embedding, embedRows, finalNorm, splitHeads, unembed, weight } from './gpt'
import type { GptConfig, LanguageModel } from './model'

/**
 * One token a row.
 *
 * ids, positions: int32 [B] · mask: [B, 1, 1, T] · keys.n, values.n of layer n: [B·H, T, C/H]
 * → logits of the next token: [B, V] · qkv.n: [B, 3C], whose last two thirds belong into the cache
 */
export function decodingProgram(engine: Engine, config: GptConfig): Program {
  return engine.program((weights, batch) => {
    const read: Record<string, tf.Tensor> = {}
    let x = tf.add(embedding(weights, 'wte', weight(batch, 'ids')), embedding(weights, 'wpe', weight(batch, 'positions'))) as tf.Tensor2D
    for (let layer = 0; layer < config.layers; layer++) {
      x = block(weights, layer, x, (qkv) => {
        read[`qkv.${layer}`] = qkv
        return attendCached(config, qkv, weight(batch, `keys.${layer}`), weight(batch, `values.${layer}`), weight(batch, 'mask'))
      })
    }
    return { ...read, logits: unembed(weights, finalNorm(weights, x)) }
  })
}

/** Attention of one new position a row to its cache and to itself: softmax over both. */
function attendCached({ heads, width }: GptConfig, qkv: tf.Tensor2D, keys: tf.Tensor, values: tf.Tensor, mask: tf.Tensor): tf.Tensor2D {
  const [rows] = qkv.shape
  const [count, positions, depth] = keys.shape as [number, number, number]
  const [q, k, v] = tf.split(qkv, 3, 1).map((part) => tf.reshape(part, [count, 1, depth])) as [tf.Tensor, tf.Tensor, tf.Tensor]
  const scaled = tf.mul(q, 1 / Math.sqrt(depth))
  const seen = tf.reshape(tf.add(tf.reshape(tf.matMul(scaled, keys, false, true), [rows, heads, 1, positions]), mask), [count, 1, positions])
  const own = tf.sum(tf.mul(scaled, k), -1, true)
  const [toSeen, toOwn] = tf.split(tf.softmax(tf.concat([seen, own], 2)), [positions, 1], 2) as [tf.Tensor, tf.Tensor]
  return tf.reshape(tf.add(tf.matMul(toSeen, values), tf.mul(toOwn, v)), [rows, width])
}

/** Keys and values of every position: ids int32 [R, P] → keys.n, values.n of layer n: [R·H, P, C/H]. */
export function readingProgram(engine: Engine, config: GptConfig): Program {
  return engine.program((weights, batch) => {
    const ids = weight(batch, 'ids')
    const [rows, length] = ids.shape as [number, number]
    const mask = causalMask(length)
    const read: Record<string, tf.Tensor> = {}
    let x = embedRows(config, weights, ids)
    for (let layer = 0; layer < config.layers; layer++) {
      x = block(weights, layer, x, (qkv) => {
        const heads = splitHeads(config, qkv, rows)
        read[`keys.${layer}`] = heads[1]
        read[`values.${layer}`] = heads[2]
        return attendCausally(config, heads, mask, rows)
      })
    }
    return read
  })
}

/** Reads the first tokens of several prompts in one run. @param prompts ids of what is to be read, none longer than the context */
export async function readPrefixes(program: Program, model: LanguageModel, prompts: readonly Int32Array[]): Promise<Prefix[]> {
  const { config: { contextTokens, heads, layers, width }, parameters } = model
  const rows = bucketOf(prompts.length)
  const length = Math.min(contextTokens, Math.ceil(Math.max(...prompts.map((ids) => ids.length)) / lengthStep) * lengthStep)
  const ids = new Int32Array(rows * length)
  prompts.forEach((prompt, row) => ids.set(prompt, row * length))
  const read = await program.run(parameters, { ids: { shape: [rows, length], data: ids } })
  const depth = width / heads
  const rowOf = (part: string, row: number, tokens: number): Float32Array[] => Array.from({ length: layers }, (_, layer) => {
    const all = read[`${part}.${layer}`]!.data as Float32Array
    const own = new Float32Array(heads * tokens * depth)
    for (let head = 0; head < heads; head++) own.set(all.subarray((row * heads + head) * length * depth, ((row * heads + head) * length + tokens) * depth), head * tokens * depth)
    return own
  })
  return prompts.map(({ length: tokens }, row) => ({ tokens, keys: rowOf('keys', row, tokens), values: rowOf('values', row, tokens) }))
}

/** The smallest power of two that holds so many rows: few batch shapes, and so few compiled graphs. */
export const bucketOf = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, rows)))

/** Prompt lengths are padded to a multiple of this, for the same reason. */
const lengthStep = 16
