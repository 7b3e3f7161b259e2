/** GPT-NeoX as llama.cpp's conversion writes it. Source: llama.cpp, convert_hf_to_gguf.py, `GPTNeoXModel`. */
import { refuseFormat } from '../exporting/refuse-format'
import type { GgufNetwork } from '../exporting/gguf-network'
import { ropeFields } from '../exporting/gguf-rope'
import type { NeoxConfig } from './neox-config'

/** Ours, without the block's, to llama.cpp's. */
const names: Readonly<Record<string, string>> = {
  'gpt_neox.embed_in': 'token_embd',
  'gpt_neox.final_layer_norm': 'output_norm',
  embed_out: 'output',
  input_layernorm: 'attn_norm',
  'attention.query_key_value': 'attn_qkv',
  'attention.dense': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.dense_h_to_4h': 'ffn_up',
  'mlp.dense_4h_to_h': 'ffn_down',
}

/** Queries of all heads, then keys, then values; ours are query, key and value of the first head, and so on. */
const byPart =
  ({ width, heads }: NeoxConfig) =>
  (row: number): number => {
    const headWidth = width / heads
    const [part, head, within] = [
      Math.floor(row / width),
      Math.floor((row % width) / headWidth),
      row % headWidth,
    ]
    return (head * 3 + part) * headWidth + within
  }

export const neoxGguf: GgufNetwork<NeoxConfig> = {
  described(config) {
    if (config.isTied || !config.hasAttentionBiases)
      return refuseFormat(
        'cannot hold this GPT-NeoX: llama.cpp’s has biases and an output matrix of its own.',
      )
    return {
      architecture: 'gptneox',
      fields: {
        context_length: { u32: config.contextTokens },
        embedding_length: { u32: config.width },
        block_count: { u32: config.layers },
        feed_forward_length: { u32: config.innerWidth },
        vocab_size: { u32: config.vocabulary },
        'attention.head_count': { u32: config.heads },
        'attention.layer_norm_epsilon': { f32: config.normEpsilon },
        'rope.dimension_count': { u32: config.rotatedWidth },
        use_parallel_residual: { flag: config.isParallel },
        ...ropeFields(config),
      },
    }
  },
  layout(config, name) {
    const [, layer, own = '', kind = ''] =
      /^(?:gpt_neox\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? []
    const theirs = names[own]
    if (theirs === undefined) throw new Error(`llama.cpp has no name for "${name}"`)
    return {
      name: `${layer === undefined ? '' : `blk.${layer}.`}${theirs}.${kind}`,
      isTransposed: kind === 'weight' && /^(attention|mlp)\./.test(own),
      ...(theirs === 'attn_qkv' && { rowAt: byPart(config) }),
    }
  },
}
