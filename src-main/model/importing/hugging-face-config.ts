/**
 * Hugging Face's config.json of GPT-2, Llama and Qwen2, read into a configuration of ours and written from
 * one.
 */
import { checkConfig } from '../model-config'
import type { GptConfig, LlamaConfig, Model, ModelConfig } from '../model'
import { isObject, shown, type JsonObject } from '../weights/json-file'
import { believed, refuse } from '../weights/refusal'
import { readRope, writtenRope } from './hugging-face-rope'

export interface DescribedModel {
  readonly kind: Model['kind']
  readonly config: ModelConfig
}

/** Values that a field may have, or be left out, because nothing here has another way. */
export type Only = Readonly<Record<string, readonly unknown[]>>

const gpt2Only: Only = {
  activation_function: ['gelu_new', 'gelu_pytorch_tanh'],
  layer_norm_epsilon: [1e-5],
  scale_attn_weights: [true],
  scale_attn_by_inverse_layer_idx: [false],
  add_cross_attention: [false],
}
const llamaOnly: Only = { hidden_act: ['silu'], attention_bias: [false], mlp_bias: [false] }
const qwen2Only: Only = { hidden_act: ['silu'], use_sliding_window: [false] }

const readers: Readonly<Record<string, (json: JsonObject) => ModelConfig>> = {
  gpt2: readGpt2,
  llama: (json) => readLlama(json, llamaOnly, false),
  qwen2: (json) => readLlama(json, qwen2Only, true),
}

/**
 * @throws WeightsError when the model is of a kind that is not known here, or a field is missing or has a
 *   value that cannot be followed
 */
export function readConfig(json: JsonObject): DescribedModel {
  const type = json['model_type']
  if (typeof type !== 'string' || !Object.hasOwn(readers, type))
    return refuse(`its model_type is ${shown(type)}; ${Object.keys(readers).join(', ')} are read`)
  const kind = kindOf(json)
  const read = readers[type]!(json)
  // it has no output matrix
  const config = kind === 'reward-model' ? ({ ...read, isTied: true } as ModelConfig) : read
  believed(() => checkConfig(config))
  return { kind, config }
}

function kindOf(json: JsonObject): Model['kind'] {
  const [architecture] = Array.isArray(json['architectures']) ? (json['architectures'] as unknown[]) : []
  if (typeof architecture !== 'string' || !architecture.endsWith('ForSequenceClassification'))
    return 'language-model'
  const labels = isObject(json['id2label']) ? Object.keys(json['id2label']).length : (json['num_labels'] ?? 2)
  if (labels !== 1) refuse(`it is a ${architecture} of ${String(labels)} labels; a reward model has one`)
  return 'reward-model'
}

function readGpt2(json: JsonObject): GptConfig {
  checkOnly(json, gpt2Only)
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

function readLlama(json: JsonObject, only: Only, hasBiases: boolean): LlamaConfig {
  checkOnly(json, only)
  const width = count(json, 'hidden_size')
  const heads = count(json, 'num_attention_heads')
  const contextTokens = count(json, 'max_position_embeddings')
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
    ...readRope(json, contextTokens),
    isTied: flag(json, 'tie_word_embeddings', false),
    hasBiases,
  }
}

/** @throws WeightsError naming the first field that has another value */
export function checkOnly(json: JsonObject, only: Only): void {
  for (const [name, values] of Object.entries(only)) {
    if (json[name] !== undefined && !values.includes(json[name]))
      refuse(
        `its ${name} is ${shown(json[name])}; only ${values.map((value) => shown(value)).join(' or ')} ` +
          'can be followed',
      )
  }
}

const isGiven = (json: JsonObject, name: string): boolean => json[name] !== undefined && json[name] !== null

/** @throws WeightsError when it is no whole number from 1 */
export function count(json: JsonObject, name: string): number {
  const value = json[name]
  return Number.isSafeInteger(value) && (value as number) > 0
    ? (value as number)
    : refuse(`its ${name} is ${shown(value)}, no whole number from 1`)
}

/** @throws WeightsError when it is no number above 0 */
export function positive(json: JsonObject, name: string): number {
  const value = json[name]
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? value
    : refuse(`its ${name} is ${shown(value)}, no number above 0`)
}

/** @throws WeightsError when it is neither true nor false */
export function flag(json: JsonObject, name: string, otherwise: boolean): boolean {
  const value = json[name] ?? otherwise
  return typeof value === 'boolean' ? value : refuse(`its ${name} is ${shown(value)}, neither true nor false`)
}

/** What config.json says of every kind of model. */
export interface SpecialTokens {
  readonly beginToken: number
  readonly endToken: number
}

/** @throws Error when Hugging Face's library has no such network */
export function writtenConfig(
  { kind, config }: DescribedModel,
  { beginToken, endToken }: SpecialTokens,
): JsonObject {
  const common = {
    bos_token_id: beginToken,
    eos_token_id: endToken,
    vocab_size: config.vocabulary,
    dtype: 'float32',
    use_cache: true,
    ...(kind === 'reward-model' && { num_labels: 1, id2label: { 0: 'score' }, label2id: { score: 0 } }),
  }
  switch (config.architecture) {
    case 'gpt':
      return {
        model_type: 'gpt2',
        architectures: [kind === 'reward-model' ? 'GPT2ForSequenceClassification' : 'GPT2LMHeadModel'],
        ...common,
        ...writtenGpt2(config),
      }
    case 'llama':
      return {
        model_type: config.hasBiases ? 'qwen2' : 'llama',
        architectures: [
          `${config.hasBiases ? 'Qwen2' : 'Llama'}${kind === 'reward-model' ? 'ForSequenceClassification' : 'ForCausalLM'}`,
        ],
        ...common,
        ...writtenLlama(config),
      }
    default:
      throw new Error(`Hugging Face’s library has no network like this ${config.architecture}`)
  }
}

const writtenGpt2 = ({ layers, heads, width, contextTokens, isTied }: GptConfig): JsonObject => ({
  n_layer: layers,
  n_head: heads,
  n_embd: width,
  n_positions: contextTokens,
  n_inner: null,
  tie_word_embeddings: isTied,
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
  resid_pdrop: 0,
  embd_pdrop: 0,
  attn_pdrop: 0,
})

const writtenLlama = (config: LlamaConfig): JsonObject => ({
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
  ...(config.hasBiases ? { use_sliding_window: false } : { attention_bias: false, mlp_bias: false }),
  ...writtenRope(config),
})
