/** GPT-2 as llama.cpp's conversion writes it. Source: llama.cpp, gguf-py/gguf/tensor_mapping.py. */
import type { GgufNetwork } from '../exporting/gguf-network'
import type { GptConfig } from './gpt-parameters'

/** Ours, without the block's, to llama.cpp's. */
const names: Readonly<Record<string, string>> = {
  'transformer.wte': 'token_embd',
  'transformer.wpe': 'position_embd',
  'transformer.ln_f': 'output_norm',
  lm_head: 'output',
  ln_1: 'attn_norm',
  'attn.c_attn': 'attn_qkv',
  'attn.c_proj': 'attn_output',
  ln_2: 'ffn_norm',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
}

export const gptGguf: GgufNetwork<GptConfig> = {
  described: ({ layers, heads, width, contextTokens, vocabulary }) => ({
    architecture: 'gpt2',
    fields: {
      context_length: { u32: contextTokens },
      embedding_length: { u32: width },
      block_count: { u32: layers },
      feed_forward_length: { u32: 4 * width },
      vocab_size: { u32: vocabulary },
      'attention.head_count': { u32: heads },
      'attention.layer_norm_epsilon': { f32: 1e-5 },
    },
  }),
  layout(_, name) {
    const [, layer, own = '', kind = ''] =
      /^(?:transformer\.h\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? []
    const theirs = names[own]
    if (theirs === undefined) throw new Error(`llama.cpp has no name for "${name}"`)
    return {
      name: `${layer === undefined ? '' : `blk.${layer}.`}${theirs}.${kind}`,
      isTransposed: kind === 'weight' && /\.c_(attn|proj|fc)$/.test(own),
      ...(theirs === 'position_embd' && { isPrecise: true }),
    }
  },
}
