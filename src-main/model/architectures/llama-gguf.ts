/**
 * A GGUF file of a Llama or Qwen2, as llama.cpp's conversion writes it. Source: llama.cpp,
 * gguf-py/gguf/constants.py and tensor_mapping.py; convert_hf_to_gguf.py, `LlamaModel.permute`.
 */
import type { GgufForm } from '../importing/gguf-form'
import { llama3Scaling, ropeFactors } from '../importing/gguf-rope-factors'
import { yarnAttention } from '../importing/hugging-face-rope'
import type { RopeScaling } from '../layers/rope-scaling'
import type { GgufFile } from '../weights/gguf'
import type { GgufMetadata } from '../weights/gguf-metadata'
import type { Layout } from '../weights/layout'
import { refuse } from '../weights/refusal'
import type { LlamaConfig } from './llama-parameters'

/** A key of the metadata under the name of its architecture. */
const keyIn =
  (metadata: GgufMetadata) =>
  (name: string): string =>
    `${metadata.text('general.architecture')}.${name}`

function read(metadata: GgufMetadata, file: GgufFile): LlamaConfig {
  const key = keyIn(metadata)
  if ((metadata.optionalNumber(key('expert_count')) ?? 0) > 0)
    refuse('it is a mixture of experts, which this version does not know')
  const width = metadata.number(key('embedding_length'))
  const heads = metadata.number(key('attention.head_count'))
  const contextTokens = metadata.number(key('context_length'))
  const headWidth = metadata.optionalNumber(key('attention.key_length')) ?? width / heads
  const rotated = metadata.optionalNumber(key('rope.dimension_count')) ?? headWidth
  if (rotated !== headWidth)
    refuse(`${rotated} of each head’s ${headWidth} numbers are rotated; only whole heads are rotated here`)
  return {
    architecture: 'llama',
    layers: metadata.number(key('block_count')),
    heads,
    keyValueHeads: metadata.optionalNumber(key('attention.head_count_kv')) ?? heads,
    headWidth,
    width,
    innerWidth: metadata.number(key('feed_forward_length')),
    contextTokens,
    vocabulary:
      file.tensors.get('token_embd.weight')?.shape[0] ?? refuse('the tensor "token_embd.weight" is missing'),
    normEpsilon: metadata.number(key('attention.layer_norm_rms_epsilon')),
    ropeBase: metadata.optionalNumber(key('rope.freq_base')) ?? 10_000,
    ropeScaling: { type: 'none' },
    isTied: !file.tensors.has('output.weight'),
    hasBiases: metadata.text('general.architecture') === 'qwen2',
    hasOutputBias: false,
    hasInnerBiases: false,
  }
}

/** Linear and YaRN scaling stand in the metadata; Llama 3's only in a tensor of factors. */
async function scalingIn(
  config: LlamaConfig,
  metadata: GgufMetadata,
  { tensors }: GgufFile,
): Promise<RopeScaling> {
  const factors = tensors.get(ropeFactors)
  if (factors) return llama3Scaling(factors, config)
  const key = keyIn(metadata)
  const type = metadata.optionalText(key('rope.scaling.type')) ?? 'none'
  const factor = metadata.optionalNumber(key('rope.scaling.factor')) ?? NaN
  switch (type) {
    case 'none':
      return { type: 'none' }
    case 'linear':
      return { type: 'linear', factor }
    case 'yarn':
      return {
        type: 'yarn',
        factor,
        originalContextTokens: metadata.number(key('rope.scaling.original_context_length')),
        attentionFactor: yarnAttention(factor),
        betaFast: 32,
        betaSlow: 1,
      }
    default:
      return refuse(`its rotary positions are scaled by "${type}", which this version does not know`)
  }
}

/** Our names, without the block's, to llama.cpp's. */
const namesOf: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

function layoutOf(config: LlamaConfig, name: string): Layout {
  const [, layer, own = '', part = ''] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? []
  const block = layer === undefined ? '' : `blk.${layer}.`
  const theirs = `${block}${namesOf[own]}.${part}`
  const isTransposed = name.endsWith('_proj.weight')
  const isPermuted = !config.hasBiases && /\.[qk]_proj\./.test(name)
  return { name: theirs, isTransposed, ...(isPermuted && { rowAt: unpermuted(config.headWidth) }) }
}

/**
 * llama.cpp rotates neighbours where Hugging Face's Llama rotates a number and the one half a head further,
 * so its conversion interleaves the halves of each head's rows; Qwen2 is rotated as here and left as it is.
 * @returns where a row of the file belongs: row 2i + h of a head was row h·D/2 + i
 */
const unpermuted =
  (headWidth: number) =>
  (row: number): number => {
    const within = row % headWidth
    return row - within + (within % 2) * (headWidth / 2) + (within >> 1)
  }

export const llamaGguf: GgufForm<LlamaConfig> = {
  names: ['llama', 'qwen2'],
  read,
  completed: async (config, metadata, file) => ({
    ...config,
    ropeScaling: await scalingIn(config, metadata, file),
  }),
  layout: layoutOf,
  isLeftOver: (name) => name === ropeFactors,
}
