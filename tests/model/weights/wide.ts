/** Models whose every parameter counts: drawn wide, biases too, so that nothing can be mixed up unseen. */
import { seeded } from '../../../src-main/maths/random'
import { createLanguageModel } from '../../../src-main/model/language-model'
import type { LlamaConfig } from '../../../src-main/model/architectures/llama-parameters'
import type { LanguageModel } from '../../../src-main/model/model'
import { byteTokenizer } from '../../../src-main/model/tokenizers/byte'

export const llamaConfig: LlamaConfig = {
  architecture: 'llama',
  layers: 2,
  width: 32,
  contextTokens: 40,
  vocabulary: byteTokenizer.vocabulary,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 12,
  innerWidth: 48,
  normEpsilon: 1e-5,
  ropeBase: 500_000,
  ropeScaling: {
    type: 'yarn',
    factor: 4,
    originalContextTokens: 10,
    attentionFactor: 1.2,
    betaFast: 32,
    betaSlow: 1,
  },
  isTied: false,
  hasBiases: true,
  hasOutputBias: false,
  hasInnerBiases: false,
}

export const wideLlama = (change: Partial<LlamaConfig> = {}): LanguageModel =>
  wide(createLanguageModel({ ...llamaConfig, ...change }, byteTokenizer, seeded(3)))

export function wide(model: LanguageModel): LanguageModel {
  const random = seeded(9)
  for (const name of Object.keys(model.parameters.spec))
    if (!/norm|ln_/.test(name))
      model.parameters.view(name).forEach((value, i, all) => {
        all[i] = value * 8 + 0.1 * (random() - 0.5)
      })
  return model
}
