/** Qwen3 (Yang et al. 2025): a Llama whose queries and keys are normed head by head. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, flag } from '../importing/json-fields'
import {
  optionalPositive,
  readLayerTypes,
  readPositions,
  readSizes,
  writtenLayerTypes,
  writtenPositions,
  writtenSizes,
  type Family,
} from './family'

export const qwen3: Family = {
  modelTypes: ['qwen3'],
  names: {
    modelType: 'qwen3',
    languageModel: 'Qwen3ForCausalLM',
    rewardModel: 'Qwen3ForSequenceClassification',
  },
  read(json) {
    checkOnly(json, { hidden_act: ['silu'] })
    const sizes = readSizes({ head_dim: 128, ...json })
    const { rope } = readPositions(json, sizes)
    const window = flag(json, 'use_sliding_window', false)
      ? optionalPositive(json, 'sliding_window', 4096)
      : 0
    const first = Number(json['max_window_layers'] ?? 28)
    const layers = readLayerTypes(json, sizes.layers, (layer) =>
      window > 0 && layer >= first ? 'window' : 'full',
    )
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        queryNorm: 'a-head',
        biases: flag(json, 'attention_bias', false) ? ['query-key-value', 'attention-output'] : [],
        layers,
        window,
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config),
    ...writtenPositions(config),
    hidden_act: 'silu',
    attention_bias: config.design.biases.includes('query-key-value'),
    use_sliding_window: config.design.window > 0,
    sliding_window: config.design.window > 0 ? config.design.window : null,
    layer_types: writtenLayerTypes(config),
  }),
}
