/** GPT-2 and its kin (Radford et al. 2019): everything but the network. */
import { checkOnly, count, flag, type Only } from '../importing/json-fields'
import type { JsonObject } from '../weights/json-file'
import { headProblems, sizeFields, type Architecture } from './architecture'
import { gptGguf } from './gpt-gguf'
import { gptGgufForm } from './gpt-gguf-form'
import { gptOnnx } from './gpt-onnx'
import { gptSpec, initialiseGpt, type GptConfig } from './gpt-parameters'

const only: Only = {
  activation_function: ['gelu_new', 'gelu_pytorch_tanh'],
  layer_norm_epsilon: [1e-5],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
}

function read(json: JsonObject): GptConfig {
  checkOnly(json, only)
  const width = count(json, 'n_embd')
  checkOnly(json, { n_inner: [null, 4 * width] })
  return {
    architecture: 'gpt',
    layers: count(json, 'n_layer'),
    heads: count(json, 'n_head'),
    width,
    contextTokens: count(json, 'n_positions'),
    vocabulary: count(json, 'vocab_size'),
    isTied: flag(json, 'tie_word_embeddings', true),
  }
}

const written = ({ layers, heads, width, contextTokens, isTied }: GptConfig): JsonObject => ({
  n_layer: layers,
  n_head: heads,
  n_embd: width,
  n_positions: contextTokens,
  n_ctx: contextTokens,
  n_inner: null,
  tie_word_embeddings: isTied,
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
  resid_pdrop: 0,
  embd_pdrop: 0,
  attn_pdrop: 0,
})

export const gpt: Architecture<GptConfig> = {
  title: 'GPT',
  fields: { ...sizeFields, heads: 'count', isTied: 'flag' },
  // before a matrix of its own was possible every GPT was tied, and its file did not say so
  assumed: { isTied: true },
  check({ heads, width }) {
    if (width % heads !== 0) throw new Error(`${heads} heads do not divide a width of ${width}`)
  },

  newConfig: ({ layers, heads, width, contextTokens, outputMatrix }, vocabulary) => ({
    architecture: 'gpt',
    layers,
    width,
    contextTokens,
    vocabulary,
    heads,
    isTied: outputMatrix !== 'own',
  }),
  newProblems: (settings) => headProblems(settings, { isRotated: false }),

  spec: gptSpec,
  initialise: initialiseGpt,
  embeddings: ['transformer.wte.weight', 'transformer.wpe.weight'],
  outputMatrix: 'lm_head',
  words: {
    q: ['c_attn'],
    k: ['c_attn'],
    v: ['c_attn'],
    o: ['attn.c_proj'],
    gate: [],
    up: ['c_fc'],
    down: ['mlp.c_proj'],
  },

  huggingFace: {
    modelTypes: ['gpt2'],
    read,
    withoutOutput: (config) => ({ ...config, isTied: true }),
    namesOf: () => ({
      modelType: 'gpt2',
      languageModel: 'GPT2LMHeadModel',
      rewardModel: 'GPT2ForSequenceClassification',
    }),
    written,
    prefix: () => 'transformer.',
    isTransposed: () => false,
    fanInFanOut: true,
    isLeftOver: (name, { isTied }) =>
      /(^|\.)attn\.(bias|masked_bias)$/.test(name) || (isTied && name === 'lm_head.weight'),
    lastBias: () => 'transformer.ln_f.bias',
  },
  onnx: gptOnnx,
  gguf: gptGgufForm,
  ggufNetwork: gptGguf,
}
