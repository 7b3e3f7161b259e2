/**
 * Tiny RWKVs as their makers publish them: names and shapes are written out here by hand, not taken from the
 * code that reads them.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { allocate, type Parameters } from '../../../src-main/compute/parameters'
import { fillNormal, seeded } from '../../../src-main/maths/random'
import type { Rwkv4Config } from '../../../src-main/model/architectures/rwkv4'
import type { Rwkv7Config } from '../../../src-main/model/architectures/rwkv7-config'
import { trunkSpec } from '../../../src-main/model/trunk-parameters'
import { encodeSafetensors, type HeldTensor } from '../../../src-main/model/weights/safetensors'
import { transposed } from '../../../src-main/model/weights/written-tensors'

/** Of the 256 bytes, ids from 1; with the end that is 257 tokens, and the embeddings have a few rows more. */
export const byteVocabulary = Array.from({ length: 256 }, (_, byte) => {
  const escaped = `\\x${byte.toString(16).padStart(2, '0')}`
  return `${byte + 1} b'${escaped}' 1\n`
}).join('')

export const rwkv4Config: Rwkv4Config = {
  architecture: 'rwkv4',
  layers: 2,
  width: 8,
  innerWidth: 20,
  contextTokens: 4096,
  vocabulary: 260,
}
export const rwkv7Config: Rwkv7Config = {
  architecture: 'rwkv7',
  layers: 2,
  width: 64,
  innerWidth: 72,
  headWidth: 64,
  decayRank: 3,
  rateRank: 4,
  valueRank: 5,
  gateRank: 6,
  contextTokens: 4096,
  vocabulary: 260,
}

export function randomParameters(config: Rwkv4Config | Rwkv7Config): Parameters {
  const parameters = allocate(trunkSpec(config))
  fillNormal(parameters.flat, 0.3, seeded(config.architecture))
  return parameters
}

/** As BlinkDL's files have it: linear layers [out, in], mixing vectors [1, 1, C]. */
export function blinkDl({ spec, view }: Parameters): Map<string, HeldTensor> {
  return new Map(
    Object.entries(spec).map(([name, shape]) => {
      if (/(key|value|receptance|output)\.weight$/.test(name))
        return [name, { shape: [...shape].reverse(), data: transposed(view(name), shape) }]
      return [
        name,
        {
          shape: /(time_mix_[kvr]|x_[rwkvag]|[wav]0|k_[ka])$/.test(name) ? [1, 1, ...shape] : shape,
          data: view(name),
        },
      ]
    }),
  )
}

/** The names of flash-linear-attention's, one block's and those around: from its own conversion. */
export const flaNames: Readonly<Record<string, string>> = {
  'emb.weight': 'model.embeddings.weight',
  'ln_out.weight': 'model.norm.weight',
  'ln_out.bias': 'model.norm.bias',
  'head.weight': 'lm_head.weight',
  'ln0.weight': 'pre_norm.weight',
  'ln0.bias': 'pre_norm.bias',
  'ln1.weight': 'attn_norm.weight',
  'ln1.bias': 'attn_norm.bias',
  'ln2.weight': 'ffn_norm.weight',
  'ln2.bias': 'ffn_norm.bias',
  'att.x_r': 'attn.x_r',
  'att.x_w': 'attn.x_w',
  'att.x_k': 'attn.x_k',
  'att.x_v': 'attn.x_v',
  'att.x_a': 'attn.x_a',
  'att.x_g': 'attn.x_g',
  'att.w0': 'attn.w_lora.lora.2.bias',
  'att.w1': 'attn.w_lora.lora.0.weight',
  'att.w2': 'attn.w_lora.lora.2.weight',
  'att.a0': 'attn.a_lora.lora.2.bias',
  'att.a1': 'attn.a_lora.lora.0.weight',
  'att.a2': 'attn.a_lora.lora.2.weight',
  'att.v0': 'attn.v_lora.lora.2.bias',
  'att.v1': 'attn.v_lora.lora.0.weight',
  'att.v2': 'attn.v_lora.lora.2.weight',
  'att.g1': 'attn.g_lora.lora.0.weight',
  'att.g2': 'attn.g_lora.lora.2.weight',
  'att.k_k': 'attn.k_k',
  'att.k_a': 'attn.k_a',
  'att.r_k': 'attn.r_k',
  'att.receptance.weight': 'attn.r_proj.weight',
  'att.key.weight': 'attn.k_proj.weight',
  'att.value.weight': 'attn.v_proj.weight',
  'att.output.weight': 'attn.o_proj.weight',
  'att.ln_x.weight': 'attn.g_norm.weight',
  'att.ln_x.bias': 'attn.g_norm.bias',
  'ffn.x_k': 'ffn.x_k',
  'ffn.key.weight': 'ffn.key.weight',
  'ffn.value.weight': 'ffn.value.weight',
}

/**
 * As flash-linear-attention's folders have it: all matrices but the embedding, the output and r_k [out, in],
 * attention's mixing vectors [1, 1, C].
 */
export function fla(parameters: Parameters): Map<string, HeldTensor> {
  return new Map(
    Object.entries(parameters.spec).map(([name, shape]) => {
      const [, block, own] = /^blocks\.(\d+)\.(.+)$/.exec(name) ?? []
      const theirs = flaNames[own ?? name]!
      const said = block === undefined ? theirs : `model.layers.${block}.${theirs}`
      const data = parameters.view(name)
      if (shape.length === 2 && !/^(emb|head)\.|r_k$/.test(name))
        return [said, { shape: [...shape].reverse(), data: transposed(data, shape) }]
      return [said, { shape: /att\.x_/.test(name) ? [1, 1, ...shape] : shape, data }]
    }),
  )
}

export const writeWeights = (
  folder: string,
  file: string,
  tensors: ReadonlyMap<string, HeldTensor>,
): Promise<void> => writeFile(join(folder, file), Buffer.concat(encodeSafetensors(tensors, {})))
export const writeVocabulary = (folder: string): Promise<void> =>
  writeFile(join(folder, 'rwkv_vocab_v20230424.txt'), byteVocabulary)
