/** StableLM 2 (Bellagente et al. 2024): a Llama with LayerNorm, of whose heads a quarter is rotated. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, flag } from '../importing/json-fields'
import { readPositions, readSizes, writtenPositions, writtenSizes, type Family } from './family'

export const stablelm: Family = {
  modelTypes: ['stablelm'],
  names: {
    modelType: 'stablelm',
    languageModel: 'StableLmForCausalLM',
    rewardModel: 'StableLmForSequenceClassification',
  },
  read(json) {
    checkOnly(json, { hidden_act: ['silu'], qk_layernorm: [false] })
    const sizes = readSizes(json, 'layer_norm_eps')
    const { rope, rotatedWidth } = readPositions(json, sizes, { share: 0.25 })
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        norm: 'layer',
        normPlace: flag(json, 'use_parallel_residual', false) ? 'shared' : 'before',
        biases: flag(json, 'use_qkv_bias', false) ? ['query-key-value'] : [],
        positions: { type: 'rotary', rotatedWidth, ...rope },
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config, 'layer_norm_eps'),
    ...writtenPositions(config),
    hidden_act: 'silu',
    qk_layernorm: false,
    use_parallel_residual: config.design.normPlace === 'shared',
    use_qkv_bias: config.design.biases.includes('query-key-value'),
    hidden_dropout: 0,
  }),
}
