/** OLMo 2 (OLMo Team 2024): norms after each part, not before, and of all queries and all keys at once. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, flag } from '../importing/json-fields'
import { readPositions, readSizes, writtenPositions, writtenSizes, type Family } from './family'

export const olmo2: Family = {
  modelTypes: ['olmo2'],
  names: {
    modelType: 'olmo2',
    languageModel: 'Olmo2ForCausalLM',
    rewardModel: 'Olmo2ForSequenceClassification',
  },
  read(json) {
    checkOnly(json, { hidden_act: ['silu'], clip_qkv: [null] })
    const sizes = readSizes({ rms_norm_eps: 1e-5, ...json })
    const { rope } = readPositions(json, sizes, { base: 500_000 })
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        normPlace: 'after',
        queryNorm: 'whole',
        biases: flag(json, 'attention_bias', false) ? ['query-key-value', 'attention-output'] : [],
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config),
    ...writtenPositions(config),
    hidden_act: 'silu',
    attention_bias: config.design.biases.includes('query-key-value'),
  }),
}
