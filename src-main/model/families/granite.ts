/**
 * Granite (IBM 2024): a Llama with four multipliers; and MiniCPM (Hu et al. 2024), which has the same under
 * other names and goes out as a Granite, for no library has it without a program of its own.
 */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, flag, positive } from '../importing/json-fields'
import type { JsonObject } from '../weights/json-file'
import {
  readPositions,
  readSizes,
  writtenPositions,
  writtenSizes,
  type Family,
  type FamilyConfig,
} from './family'

function readGranite(json: JsonObject): FamilyConfig {
  checkOnly(json, { hidden_act: ['silu'] })
  const sizes = readSizes(json)
  const { rope } = readPositions(json, sizes)
  const multiplier = (name: string): number => (name in json ? positive(json, name) : 1)
  const isBiased = flag(json, 'attention_bias', false)
  const isInnerBiased = flag(json, 'mlp_bias', false)
  return {
    ...sizes,
    design: {
      ...plainDesign(sizes.layers, sizes.headWidth, rope),
      biases: [
        ...(isBiased ? (['query-key-value', 'attention-output'] as const) : []),
        ...(isInnerBiased ? (['feed-forward'] as const) : []),
      ],
      scoreScale: multiplier('attention_multiplier'),
      embeddingScale: multiplier('embedding_multiplier'),
      residualScale: multiplier('residual_multiplier'),
      logitDivisor: multiplier('logits_scaling'),
    },
  }
}

/** Hu et al. 2024, §4.1 and table 7: scale_emb, scale_depth / √layers, width / dim_model_base. */
function readMinicpm(json: JsonObject): FamilyConfig {
  checkOnly(json, { hidden_act: ['silu'], num_experts: [0, null], attention_bias: [false] })
  const sizes = readSizes({ rms_norm_eps: 1e-6, ...json }, 'rms_norm_eps', true)
  const { rope } = readPositions(json, sizes)
  const number = (name: string): number => (name in json ? positive(json, name) : 1)
  return {
    ...sizes,
    design: {
      ...plainDesign(sizes.layers, sizes.headWidth, rope),
      embeddingScale: number('scale_emb'),
      residualScale: number('scale_depth') / Math.sqrt(sizes.layers),
      logitDivisor: sizes.width / number('dim_model_base'),
    },
  }
}

export const granite: Family = {
  modelTypes: ['granite', 'minicpm'],
  names: { modelType: 'granite', languageModel: 'GraniteForCausalLM' },
  read: (json, modelType) => (modelType === 'minicpm' ? readMinicpm(json) : readGranite(json)),
  written: (config) => ({
    ...writtenSizes(config),
    ...writtenPositions(config),
    hidden_act: 'silu',
    attention_bias: config.design.biases.includes('query-key-value'),
    mlp_bias: config.design.biases.includes('feed-forward'),
    attention_multiplier: config.design.scoreScale,
    embedding_multiplier: config.design.embeddingScale,
    residual_multiplier: config.design.residualScale,
    logits_scaling: config.design.logitDivisor,
  }),
}
