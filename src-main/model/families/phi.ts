/**
 * Phi-1, 1.5 and 2 (Li et al. 2023): one LayerNorm before attention and feed-forward, which stand side by side,
 * biases everywhere, the first numbers of each head rotated.
 */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly } from '../importing/json-fields'
import { readPositions, readSizes, writtenPositions, writtenSizes, type Family } from './family'

export const phi: Family = {
  modelTypes: ['phi'],
  names: { modelType: 'phi', languageModel: 'PhiForCausalLM', rewardModel: 'PhiForSequenceClassification' },
  read(json) {
    checkOnly(json, { hidden_act: ['gelu_new', 'gelu_pytorch_tanh', 'gelu'], qk_layernorm: [false] })
    const sizes = readSizes(json, 'layer_norm_eps')
    const { rope, rotatedWidth } = readPositions(json, sizes, { share: 0.5 })
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        norm: 'layer',
        normPlace: 'shared',
        activation: json['hidden_act'] === 'gelu' ? 'gelu' : 'gelu-tanh',
        isGated: false,
        biases: ['query-key-value', 'attention-output', 'feed-forward', 'output-matrix'],
        positions: { type: 'rotary', rotatedWidth, ...rope },
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config, 'layer_norm_eps'),
    ...writtenPositions(config),
    hidden_act: config.design.activation === 'gelu' ? 'gelu' : 'gelu_new',
    qk_layernorm: false,
    resid_pdrop: 0,
    embd_pdrop: 0,
  }),
}
