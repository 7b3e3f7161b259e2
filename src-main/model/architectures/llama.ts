/** Llama 2 and 3, SmolLM, TinyLlama; with biases Qwen2 (Touvron et al. 2023): everything but the network. */
import { readRope, refusePartial, writtenRope } from '../importing/hugging-face-rope'
import { checkOnly, count, flag, isGiven, positive, type Only } from '../importing/json-fields'
import { checkRopeScaling } from '../layers/rope-scaling'
import type { JsonObject } from '../weights/json-file'
import { checkRotated, headProblems, sizeFields, type Architecture } from './architecture'
import { llamaGguf } from './llama-gguf'
import { llamaGgufNetwork } from './llama-gguf-network'
import { llamaOnnx } from './llama-onnx'
import { initialiseLlama, isQwen2, llamaSpec, type LlamaConfig } from './llama-parameters'

/**
 * Inner width of the gated feed-forward: as many numbers as one of four times the width without a gate
 * (Touvron et al. 2023, §2.2), in eights.
 */
const gatedWidth = (width: number): number => Math.ceil((8 * width) / 3 / 8) * 8

const onlyOf: Readonly<Record<string, Only>> = {
  llama: { hidden_act: ['silu'] },
  qwen2: { hidden_act: ['silu'], use_sliding_window: [false] },
}

function read(json: JsonObject, modelType: string): LlamaConfig {
  checkOnly(json, onlyOf[modelType] ?? {})
  const width = count(json, 'hidden_size')
  const heads = count(json, 'num_attention_heads')
  const contextTokens = count(json, 'max_position_embeddings')
  const { rotatedShare, ...rope } = readRope(json, contextTokens)
  refusePartial(rotatedShare)
  return {
    architecture: 'llama',
    layers: count(json, 'num_hidden_layers'),
    heads,
    width,
    contextTokens,
    vocabulary: count(json, 'vocab_size'),
    keyValueHeads: isGiven(json, 'num_key_value_heads') ? count(json, 'num_key_value_heads') : heads,
    headWidth: isGiven(json, 'head_dim') ? count(json, 'head_dim') : width / heads,
    innerWidth: count(json, 'intermediate_size'),
    normEpsilon: isGiven(json, 'rms_norm_eps') ? positive(json, 'rms_norm_eps') : 1e-6,
    ...rope,
    isTied: flag(json, 'tie_word_embeddings', false),
    hasBiases: modelType === 'qwen2' || flag(json, 'attention_bias', false),
    hasOutputBias: modelType !== 'qwen2' && flag(json, 'attention_bias', false),
    hasInnerBiases: modelType !== 'qwen2' && flag(json, 'mlp_bias', false),
  }
}

const written = (config: LlamaConfig): JsonObject => ({
  num_hidden_layers: config.layers,
  num_attention_heads: config.heads,
  num_key_value_heads: config.keyValueHeads,
  head_dim: config.headWidth,
  hidden_size: config.width,
  intermediate_size: config.innerWidth,
  max_position_embeddings: config.contextTokens,
  rms_norm_eps: config.normEpsilon,
  tie_word_embeddings: config.isTied,
  hidden_act: 'silu',
  attention_dropout: 0,
  ...(isQwen2(config)
    ? { use_sliding_window: false }
    : { attention_bias: config.hasOutputBias, mlp_bias: config.hasInnerBiases }),
  ...writtenRope(config),
})

export const llama: Architecture<LlamaConfig> = {
  title: 'Llama',
  fields: {
    ...sizeFields,
    heads: 'count',
    keyValueHeads: 'count',
    headWidth: 'count',
    innerWidth: 'count',
    normEpsilon: 'number',
    ropeBase: 'number',
    ropeScaling: 'object',
    isTied: 'flag',
    hasBiases: 'flag',
    hasOutputBias: 'flag',
    hasInnerBiases: 'flag',
  },
  // before Llamas with biases were read none had them, and its file did not say so
  assumed: { hasOutputBias: false, hasInnerBiases: false },
  check({ heads, keyValueHeads, headWidth, ropeScaling }) {
    if (heads % keyValueHeads !== 0)
      throw new Error(`${keyValueHeads} heads of keys and values do not divide ${heads} heads`)
    checkRotated(headWidth)
    checkRopeScaling(ropeScaling, headWidth)
  },

  newConfig: ({ layers, heads, width, contextTokens, outputMatrix }, vocabulary) => ({
    architecture: 'llama',
    layers,
    width,
    contextTokens,
    vocabulary,
    heads,
    keyValueHeads: heads,
    headWidth: width / heads,
    innerWidth: gatedWidth(width),
    normEpsilon: 1e-5,
    ropeBase: 10_000,
    ropeScaling: { type: 'none' },
    isTied: outputMatrix !== 'own',
    hasBiases: false,
    hasOutputBias: false,
    hasInnerBiases: false,
  }),
  newProblems: (settings) => headProblems(settings, { isRotated: true }),

  spec: llamaSpec,
  initialise: initialiseLlama,
  embeddings: ['model.embed_tokens.weight'],
  outputMatrix: 'lm_head',
  words: {
    q: ['q_proj'],
    k: ['k_proj'],
    v: ['v_proj'],
    o: ['o_proj'],
    gate: ['gate_proj'],
    up: ['up_proj'],
    down: ['down_proj'],
  },

  huggingFace: {
    modelTypes: ['llama', 'qwen2'],
    read,
    withoutOutput: (config) => ({ ...config, isTied: true }),
    namesOf: (config) =>
      isQwen2(config)
        ? {
            modelType: 'qwen2',
            languageModel: 'Qwen2ForCausalLM',
            rewardModel: 'Qwen2ForSequenceClassification',
          }
        : {
            modelType: 'llama',
            languageModel: 'LlamaForCausalLM',
            rewardModel: 'LlamaForSequenceClassification',
          },
    written,
    prefix: () => 'model.',
    isTransposed: (name) => name.endsWith('_proj.weight'),
    fanInFanOut: false,
    isLeftOver: (name, { isTied }) =>
      /(^|\.)rotary_emb\.inv_freq$/.test(name) || (isTied && name === 'lm_head.weight'),
  },
  gguf: llamaGguf,
  onnx: llamaOnnx,
  ggufNetwork: llamaGgufNetwork,
}
