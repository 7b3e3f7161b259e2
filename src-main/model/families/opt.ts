/** OPT (Zhang et al. 2022): learned positions that begin at row 2, ReLU, biases everywhere. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, count, isGiven } from '../importing/json-fields'
import { readSizes, type Family } from './family'

/** Rows of the table of positions before the first. */
const offset = 2

export const opt: Family = {
  modelTypes: ['opt'],
  names: { modelType: 'opt', languageModel: 'OPTForCausalLM', rewardModel: 'OPTForSequenceClassification' },
  read(json) {
    checkOnly(json, {
      activation_function: ['relu', 'gelu'],
      do_layer_norm_before: [true],
      enable_bias: [true],
      layer_norm_elementwise_affine: [true],
      _remove_final_layer_norm: [false],
      word_embed_proj_dim: [null, count(json, 'hidden_size')],
    })
    const inner = isGiven(json, 'ffn_dim') ? { intermediate_size: json['ffn_dim'] } : {}
    const sizes = readSizes({ ...json, ...inner, layer_norm_eps: 1e-5 }, 'layer_norm_eps', true)
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, { ropeBase: 1, ropeScaling: { type: 'none' } }),
        norm: 'layer',
        activation: json['activation_function'] === 'gelu' ? 'gelu' : 'relu',
        isGated: false,
        biases: ['query-key-value', 'attention-output', 'feed-forward'],
        positions: { type: 'learned', offset },
      },
    }
  },
  written: ({ design, ...config }) => ({
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    hidden_size: config.width,
    word_embed_proj_dim: config.width,
    ffn_dim: config.innerWidth,
    max_position_embeddings: config.contextTokens,
    tie_word_embeddings: config.isTied,
    activation_function: design.activation,
    do_layer_norm_before: true,
    enable_bias: true,
    layer_norm_elementwise_affine: true,
    dropout: 0,
    attention_dropout: 0,
    layerdrop: 0,
  }),
}
