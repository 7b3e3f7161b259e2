/**
 * Gemma 2 (Gemma Team 2024) and the texts of Gemma 3 (Gemma Team 2025): norms around each part, whose gains count
 * from 1, tanh-GELU gates, tokens times the root of the width, a window in most blocks; in Gemma 2 scores and
 * logits are capped, in Gemma 3 queries and keys normed and the blocks with a window have a θ of their own.
 */
import { plainDesign, type DecoderConfig } from '../architectures/decoder-config'
import { checkOnly, flag, positive } from '../importing/json-fields'
import type { JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import {
  objectIn,
  optionalPositive,
  readLayerTypes,
  readPositions,
  readSizes,
  writtenLayerTypes,
  writtenPositions,
  writtenSizes,
  type Family,
  type FamilyConfig,
} from './family'

interface Defaults {
  /** A block has no window where its number, from 1, is a multiple of this. */
  readonly fullEvery: number
  readonly scoreCap: number
  readonly logitCap: number
  readonly base: number
}

function read(json: JsonObject, defaults: Defaults): FamilyConfig {
  checkOnly(json, {
    hidden_activation: ['gelu_pytorch_tanh', null],
    use_bidirectional_attention: [false, null],
  })
  const sizes = readSizes({ head_dim: 256, num_key_value_heads: 4, ...json }, 'rms_norm_eps', true)
  const { rope, rotatedWidth } = readPositions(json, sizes, defaults)
  const { layers, headWidth, width } = sizes
  const plain = plainDesign(layers, headWidth, rope)
  return {
    ...sizes,
    design: {
      ...plain,
      norm: 'rms-from-one',
      normPlace: 'around',
      activation: 'gelu-tanh',
      biases: flag(json, 'attention_bias', false) ? ['query-key-value', 'attention-output'] : [],
      positions: { type: 'rotary', rotatedWidth, ...rope },
      layers: readLayerTypes(json, layers, (layer) =>
        (layer + 1) % defaults.fullEvery === 0 ? 'full' : 'window',
      ),
      window: optionalPositive(json, 'sliding_window', 4096),
      scoreScale: positive({ query_pre_attn_scalar: 256, ...json }, 'query_pre_attn_scalar') ** -0.5,
      embeddingScale: Math.sqrt(width),
      scoreCap: optionalPositive(json, 'attn_logit_softcapping', defaults.scoreCap),
      logitCap: optionalPositive(json, 'final_logit_softcapping', defaults.logitCap),
    },
  }
}

const orNull = (number: number): number | null => (number === 0 ? null : number)

const written = (config: DecoderConfig): JsonObject => ({
  ...writtenSizes(config),
  ...writtenPositions(config),
  hidden_activation: 'gelu_pytorch_tanh',
  attention_bias: config.design.biases.includes('query-key-value'),
  query_pre_attn_scalar: roundIfNear(config.design.scoreScale ** -2),
  sliding_window: orNull(config.design.window),
  layer_types: writtenLayerTypes(config),
  attn_logit_softcapping: orNull(config.design.scoreCap),
  final_logit_softcapping: orNull(config.design.logitCap),
})

/** The square of a root is a whole number again. */
const roundIfNear = (value: number): number =>
  Math.abs(value - Math.round(value)) < 1e-6 * value ? Math.round(value) : value

export const gemma2: Family = {
  modelTypes: ['gemma2'],
  names: {
    modelType: 'gemma2',
    languageModel: 'Gemma2ForCausalLM',
    rewardModel: 'Gemma2ForSequenceClassification',
  },
  read: (json) => read(json, { fullEvery: 2, scoreCap: 50, logitCap: 30, base: 10_000 }),
  written,
}

/** Since version 5 of Hugging Face's library each kind of block has its own rotary positions. */
function readGemma3(json: JsonObject): FamilyConfig {
  const byKind = objectIn(json, 'rope_parameters')
  const full = byKind && objectIn(byKind, 'full_attention')
  const near = byKind && objectIn(byKind, 'sliding_attention')
  const fullEvery = Number(json['sliding_window_pattern'] ?? 6)
  const flat = full ? { ...json, rope_parameters: full } : json
  const config = read(flat, { fullEvery, scoreCap: 0, logitCap: 0, base: 1_000_000 })
  const windowBase = near?.['rope_theta'] ?? json['rope_local_base_freq'] ?? 10_000
  if (typeof windowBase !== 'number' || (near?.['rope_type'] ?? 'default') !== 'default')
    return refuse('its rotary positions in blocks with a window are scaled, which this version does not know')
  const { positions } = config.design
  if (positions.type !== 'rotary') throw new Error('Gemma 3 rotates its positions')
  return {
    ...config,
    design: { ...config.design, queryNorm: 'a-head', positions: { ...positions, windowBase } },
  }
}

export const gemma3: Family = {
  modelTypes: ['gemma3_text'],
  names: {
    modelType: 'gemma3_text',
    languageModel: 'Gemma3ForCausalLM',
    rewardModel: 'Gemma3TextForSequenceClassification',
  },
  read: readGemma3,
  written(config) {
    const { rope_parameters: full, ...fields } = written(config)
    const { positions } = config.design
    const windowBase = positions.type === 'rotary' ? positions.windowBase : undefined
    return {
      ...fields,
      rope_local_base_freq: windowBase,
      rope_parameters: {
        full_attention: full,
        sliding_attention: { rope_type: 'default', rope_theta: windowBase },
      },
    }
  },
}
