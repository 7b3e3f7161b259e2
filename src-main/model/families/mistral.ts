/** Mistral (Jiang et al. 2023): a Llama, the first with a window of 4,096 positions in every block. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly } from '../importing/json-fields'
import {
  optionalPositive,
  readPositions,
  readSizes,
  writtenPositions,
  writtenSizes,
  type Family,
} from './family'

export const mistral: Family = {
  modelTypes: ['mistral'],
  names: {
    modelType: 'mistral',
    languageModel: 'MistralForCausalLM',
    rewardModel: 'MistralForSequenceClassification',
  },
  read(json) {
    checkOnly(json, { hidden_act: ['silu'] })
    const sizes = readSizes(json)
    const { rope } = readPositions(json, sizes)
    const window = optionalPositive(json, 'sliding_window', 4096)
    const plain = plainDesign(sizes.layers, sizes.headWidth, rope)
    const layers = window === 0 ? plain.layers : plain.layers.map(() => 'window' as const)
    return { ...sizes, design: { ...plain, window, layers } }
  },
  written: (config) => ({
    ...writtenSizes(config),
    ...writtenPositions(config),
    hidden_act: 'silu',
    sliding_window: config.design.window === 0 ? null : config.design.window,
  }),
}
