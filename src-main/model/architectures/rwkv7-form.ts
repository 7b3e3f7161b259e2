/**
 * RWKV-7 as flash-linear-attention has it, whose classes `transformers` loads. Source: fla-org/flash-linear-attention,
 * fla/models/rwkv7/configuration_rwkv7.py.
 */
import { refuseFormat } from '../exporting/refuse-format'
import type { HuggingFaceForm } from '../importing/hugging-face-form'
import { count } from '../importing/json-fields'
import { inFla, isLinearInFla } from '../importing/rwkv-names'
import type { JsonObject } from '../weights/json-file'
import type { Rwkv7Config } from './rwkv7-config'

/** The width of heads that their last norm's epsilon is made for. */
const publishedHeadWidth = 64

function written(config: Rwkv7Config): JsonObject {
  if (config.headWidth !== publishedHeadWidth)
    return refuseFormat(
      `cannot hold this RWKV-7: its heads are ${config.headWidth} wide, and those of published ones 64.`,
    )
  return {
    num_hidden_layers: config.layers,
    hidden_size: config.width,
    intermediate_size: config.innerWidth,
    max_position_embeddings: config.contextTokens,
    head_dim: config.headWidth,
    num_heads: config.width / config.headWidth,
    decay_low_rank_dim: config.decayRank,
    a_low_rank_dim: config.rateRank,
    v_low_rank_dim: config.valueRank,
    gate_low_rank_dim: config.gateRank,
    hidden_act: 'sqrelu',
    norm_first: true,
    norm_bias: true,
    norm_eps: 1e-5,
    attn: null,
    attn_mode: 'chunk',
    tie_word_embeddings: false,
  }
}

export const rwkv7Form: HuggingFaceForm<Rwkv7Config> = {
  modelTypes: ['rwkv7'],
  read: (json) => ({
    architecture: 'rwkv7',
    layers: count(json, 'num_hidden_layers'),
    width: count(json, 'hidden_size'),
    innerWidth: count(json, 'intermediate_size'),
    contextTokens: count(json, 'max_position_embeddings'),
    vocabulary: count(json, 'vocab_size'),
    headWidth: count(json, 'head_dim'),
    decayRank: count(json, 'decay_low_rank_dim'),
    rateRank: count(json, 'a_low_rank_dim'),
    valueRank: count(json, 'v_low_rank_dim'),
    gateRank: count(json, 'gate_low_rank_dim'),
  }),
  withoutOutput: (config) => config,
  namesOf: () => ({ modelType: 'rwkv7', languageModel: 'RWKV7ForCausalLM' }),
  written,
  prefix: () => 'model.',
  isTransposed: isLinearInFla,
  fanInFanOut: false,
  isLeftOver: () => false,
  published: (name, shape) => ({
    name: inFla(name),
    shape: /\.att\.x_[rwkvag]$/.test(name) ? [1, 1, ...shape] : shape,
  }),
}
