/**
 * GPT-NeoX (Black et al. 2022, "GPT-NeoX-20B: An Open-Source Autoregressive Language Model") and Pythia (Biderman
 * et al. 2023, "Pythia: A Suite for Analyzing Large Language Models Across Training and Scaling"): everything but
 * the network.
 */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, type Random } from '../../maths/random'
import { readRope, writtenRope } from '../importing/hugging-face-rope'
import { checkOnly, count, flag, isGiven, positive, type Only } from '../importing/json-fields'
import { checkRopeScaling } from '../layers/rope-scaling'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import { blocksSpec, headProblems, sizeFields, type Architecture } from './architecture'
import type { NeoxConfig } from './neox-config'
import { neoxGguf } from './neox-gguf'
import { neoxGgufForm } from './neox-gguf-form'

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `gpt_neox.layers.${layer}.${name}`

/**
 * Names and shapes, in their order in memory: Hugging Face's names. Linear layers are stored [in, out] where
 * Hugging Face has [out, in]. The fused projection makes query, key and value of the first head, then of the
 * second, and so on.
 */
function spec(config: NeoxConfig): ParameterSpec {
  const { layers, width, vocabulary, isTied } = config
  return {
    'gpt_neox.embed_in.weight': [vocabulary, width],
    ...blocksSpec(layers, nameIn, () => block(config)),
    'gpt_neox.final_layer_norm.weight': [width],
    'gpt_neox.final_layer_norm.bias': [width],
    ...(isTied ? {} : { 'embed_out.weight': [vocabulary, width] }),
  }
}

const block = ({ width, innerWidth, hasAttentionBiases }: NeoxConfig): ParameterSpec => ({
  'input_layernorm.weight': [width],
  'input_layernorm.bias': [width],
  'attention.query_key_value.weight': [width, 3 * width],
  ...(hasAttentionBiases ? { 'attention.query_key_value.bias': [3 * width] } : {}),
  'attention.dense.weight': [width, width],
  ...(hasAttentionBiases ? { 'attention.dense.bias': [width] } : {}),
  'post_attention_layernorm.weight': [width],
  'post_attention_layernorm.bias': [width],
  'mlp.dense_h_to_4h.weight': [width, innerWidth],
  'mlp.dense_h_to_4h.bias': [innerWidth],
  'mlp.dense_4h_to_h.weight': [innerWidth, width],
  'mlp.dense_4h_to_h.bias': [width],
})

/**
 * Fills the parameters: N(0, √(2 / 5C)) ("small init", Nguyen & Salazar 2019), and where a part adds to the
 * residual stream N(0, 2 / (layers · √C)) (Wang & Komatsuzaki 2021); gains 1, biases 0. Source: Black et al.
 * 2022, §2.1.
 */
function initialise(parameters: Parameters, config: NeoxConfig, random: Random): void {
  const { layers, width } = config
  const deviation = Math.sqrt(2 / (5 * width))
  const residualDeviation = 2 / (layers * Math.sqrt(width))
  for (const [name, shape] of Object.entries(spec(config))) {
    const values = parameters.view(name)
    const isResidual = /\.(attention\.dense|dense_4h_to_h)\.weight$/.test(name)
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? 1 : 0)
    else fillNormal(values, isResidual ? residualDeviation : deviation, random)
  }
}

/** Black et al. 2022, §2.1: a quarter of each head is rotated. */
const rotatedShareOfNew = 0.25
const evenWidth = (width: number): number => Math.max(2, 2 * Math.floor(width / 2))

/** `gelu_fast` and the others are the tanh approximation under three names. */
const activations = ['gelu', 'gelu_fast', 'gelu_new', 'gelu_pytorch_tanh'] as const
const only: Only = { hidden_act: activations }

function read(json: JsonObject): NeoxConfig {
  checkOnly(json, only)
  const width = count(json, 'hidden_size')
  const heads = count(json, 'num_attention_heads')
  const contextTokens = count(json, 'max_position_embeddings')
  const { rotatedShare, ...rope } = readRope(withPresentNames(json), contextTokens)
  const rotatedWidth = Math.floor((width / heads) * rotatedShare)
  if (rotatedWidth < 2 || rotatedWidth % 2 !== 0)
    refuse(
      `${rotatedWidth} of each head’s ${width / heads} numbers are rotated; an even number from 2 is wanted`,
    )
  return {
    architecture: 'neox',
    layers: count(json, 'num_hidden_layers'),
    heads,
    width,
    contextTokens,
    vocabulary: count(json, 'vocab_size'),
    rotatedWidth,
    innerWidth: count(json, 'intermediate_size'),
    normEpsilon: isGiven(json, 'layer_norm_eps') ? positive(json, 'layer_norm_eps') : 1e-5,
    ...rope,
    isParallel: flag(json, 'use_parallel_residual', true),
    hasExactGelu: (json['hidden_act'] ?? 'gelu') === 'gelu',
    hasAttentionBiases: flag(json, 'attention_bias', true),
    isTied: flag(json, 'tie_word_embeddings', false),
  }
}

/** Before version 5 of Hugging Face's library the base and the share had names of GPT-NeoX's own. */
const withPresentNames = (json: JsonObject): JsonObject => ({
  ...json,
  rope_theta: json['rope_theta'] ?? json['rotary_emb_base'] ?? 10_000,
  partial_rotary_factor: json['partial_rotary_factor'] ?? json['rotary_pct'] ?? 0.25,
})

/** Both ways at once, so that older libraries find what they look for. */
function written(config: NeoxConfig): JsonObject {
  const { rope_parameters, ...rope } = writtenRope(config)
  const share = shareOf(config)
  return {
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    hidden_size: config.width,
    intermediate_size: config.innerWidth,
    max_position_embeddings: config.contextTokens,
    layer_norm_eps: config.normEpsilon,
    hidden_act: config.hasExactGelu ? 'gelu' : 'gelu_fast',
    use_parallel_residual: config.isParallel,
    attention_bias: config.hasAttentionBiases,
    tie_word_embeddings: config.isTied,
    attention_dropout: 0,
    hidden_dropout: 0,
    rotary_pct: share,
    rotary_emb_base: config.ropeBase,
    ...rope,
    rope_parameters: { ...Object(rope_parameters), partial_rotary_factor: share },
  }
}

/** The share that, times the width of a head and rounded down, is the width that is rotated. */
function shareOf({ width, heads, rotatedWidth }: NeoxConfig): number {
  const headWidth = width / heads
  const plain = rotatedWidth / headWidth
  return Math.floor(headWidth * plain) === rotatedWidth ? plain : (rotatedWidth + 0.5) / headWidth
}

export const neox: Architecture<NeoxConfig> = {
  title: 'GPT-NeoX',
  fields: {
    ...sizeFields,
    heads: 'count',
    rotatedWidth: 'count',
    innerWidth: 'count',
    normEpsilon: 'number',
    ropeBase: 'number',
    ropeScaling: 'object',
    isParallel: 'flag',
    hasExactGelu: 'flag',
    hasAttentionBiases: 'flag',
    isTied: 'flag',
  },
  check({ heads, width, rotatedWidth, ropeScaling }) {
    if (width % heads !== 0) throw new Error(`${heads} heads do not divide a width of ${width}`)
    if (rotatedWidth % 2 !== 0 || rotatedWidth > width / heads)
      throw new Error(
        `${rotatedWidth} of each head’s ${width / heads} numbers cannot be rotated: the number must be even, ` +
          'and at most those there are',
      )
    checkRopeScaling(ropeScaling, rotatedWidth)
  },

  newConfig: ({ layers, heads, width, contextTokens, outputMatrix }, vocabulary) => ({
    architecture: 'neox',
    layers,
    width,
    contextTokens,
    vocabulary,
    heads,
    rotatedWidth: evenWidth((rotatedShareOfNew * width) / heads),
    innerWidth: 4 * width,
    normEpsilon: 1e-5,
    ropeBase: 10_000,
    ropeScaling: { type: 'none' },
    isParallel: true,
    hasExactGelu: true,
    hasAttentionBiases: true,
    isTied: outputMatrix === 'tied',
  }),
  newProblems: (settings) => headProblems(settings, { isRotated: true }),

  spec,
  initialise,
  embeddings: ['gpt_neox.embed_in.weight'],
  outputMatrix: 'embed_out',
  words: {
    q: ['query_key_value'],
    k: ['query_key_value'],
    v: ['query_key_value'],
    o: ['attention.dense'],
    gate: [],
    up: ['dense_h_to_4h'],
    down: ['dense_4h_to_h'],
  },

  huggingFace: {
    modelTypes: ['gpt_neox'],
    read,
    withoutOutput: (config) => ({ ...config, isTied: true }),
    namesOf: () => ({
      modelType: 'gpt_neox',
      languageModel: 'GPTNeoXForCausalLM',
      rewardModel: 'GPTNeoXForSequenceClassification',
    }),
    written,
    prefix: () => 'gpt_neox.',
    isTransposed: (name) => /\.(query_key_value|dense|dense_h_to_4h|dense_4h_to_h)\.weight$/.test(name),
    fanInFanOut: false,
    renamed: { embed_out: 'lm_head' },
    isLeftOver: (name, { isTied }) =>
      /(^|\.)attention\.(bias|masked_bias|rotary_emb\.inv_freq)$/.test(name) ||
      (isTied && name === 'embed_out.weight'),
    lastBias: () => 'gpt_neox.final_layer_norm.bias',
  },
  gguf: neoxGgufForm,
  ggufNetwork: neoxGguf,
}
