/** A small model of every architecture. */
import { seeded } from '../../src-main/maths/random'
import { createLanguageModel } from '../../src-main/model/language-model'
import { plainDesign, type DecoderConfig } from '../../src-main/model/architectures/decoder-config'
import type { LlamaConfig } from '../../src-main/model/architectures/llama-parameters'
import type { NeoxConfig } from '../../src-main/model/architectures/neox-config'
import type { PalmConfig } from '../../src-main/model/architectures/palm'
import type { Rwkv4Config } from '../../src-main/model/architectures/rwkv4'
import type { Rwkv7Config } from '../../src-main/model/architectures/rwkv7-config'
import type { LanguageModel, ModelConfig } from '../../src-main/model/model'
import { tinyConfig, tinyTokenizer } from './tiny'

const llama: LlamaConfig = {
  architecture: 'llama',
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 6,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  normEpsilon: 1e-5,
  ropeBase: 10_000,
  ropeScaling: { type: 'none' },
  isTied: false,
  hasBiases: false,
  hasOutputBias: false,
  hasInnerBiases: false,
}

const qwen3: DecoderConfig = {
  architecture: 'decoder',
  family: 'qwen3',
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  headWidth: 6,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  normEpsilon: 1e-6,
  isTied: false,
  design: {
    ...plainDesign(2, 6, { ropeBase: 10_000, ropeScaling: { type: 'none' } }),
    queryNorm: 'a-head',
  },
}

/** Of a family, with another design. */
const decoder = (family: string, design: Partial<DecoderConfig['design']>): DecoderConfig => ({
  ...qwen3,
  family,
  design: { ...qwen3.design, queryNorm: 'none', ...design },
})

const neox: NeoxConfig = {
  architecture: 'neox',
  layers: 2,
  heads: 4,
  width: 16,
  rotatedWidth: 2,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  normEpsilon: 1e-5,
  ropeBase: 10_000,
  ropeScaling: { type: 'none' },
  isParallel: true,
  hasExactGelu: true,
  hasAttentionBiases: true,
  isTied: false,
}

const palm: PalmConfig = {
  architecture: 'palm',
  layers: 2,
  heads: 4,
  headWidth: 6,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
  xposBase: 16,
  hasNormedQueries: false,
  isTied: true,
}
const rwkv4: Rwkv4Config = {
  architecture: 'rwkv4',
  layers: 2,
  width: 16,
  innerWidth: 40,
  contextTokens: 20,
  vocabulary: tinyTokenizer.vocabulary,
}
const rwkv7: Rwkv7Config = {
  ...rwkv4,
  architecture: 'rwkv7',
  headWidth: 8,
  decayRank: 4,
  rateRank: 3,
  valueRank: 2,
  gateRank: 5,
}

/** Every architecture, with what may differ inside it. */
export const architectures: readonly (readonly [string, ModelConfig])[] = [
  ['GPT', tinyConfig],
  ['GPT with an output matrix of its own', { ...tinyConfig, isTied: false }],
  ['Llama', llama],
  ['Llama with a key a query', { ...llama, keyValueHeads: 4, isTied: true }],
  ['Llama with one key for all and biases', { ...llama, keyValueHeads: 1, hasBiases: true }],
  [
    'Llama 3, stretched',
    {
      ...llama,
      ropeBase: 100,
      ropeScaling: {
        type: 'llama3',
        factor: 4,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextTokens: 8,
      },
    },
  ],
  [
    'Llama, stretched by YaRN',
    {
      ...llama,
      ropeScaling: {
        type: 'yarn',
        factor: 4,
        originalContextTokens: 8,
        attentionFactor: 1.2,
        betaFast: 32,
        betaSlow: 1,
      },
    },
  ],
  ['Qwen3', qwen3],
  [
    'Gemma 2',
    decoder('gemma2', {
      norm: 'rms-from-one',
      normPlace: 'around',
      activation: 'gelu-tanh',
      layers: ['window', 'full'],
      window: 4,
      scoreScale: 0.3,
      embeddingScale: 4,
      scoreCap: 3,
      logitCap: 9,
    }),
  ],
  ['OLMo 2', decoder('olmo2', { normPlace: 'after', queryNorm: 'whole' })],
  [
    'Phi',
    decoder('phi', {
      norm: 'layer',
      normPlace: 'shared',
      activation: 'gelu',
      isGated: false,
      biases: ['query-key-value', 'attention-output', 'feed-forward', 'output-matrix'],
      positions: { type: 'rotary', rotatedWidth: 4, ropeBase: 10_000, ropeScaling: { type: 'none' } },
    }),
  ],
  [
    'GPT-Neo',
    decoder('gpt_neo', {
      norm: 'layer',
      activation: 'relu',
      isGated: false,
      biases: ['attention-output', 'feed-forward'],
      positions: { type: 'learned', offset: 2 },
      layers: ['full', 'window'],
      window: 5,
      scoreScale: 1,
      residualScale: 0.7,
      logitDivisor: 2,
    }),
  ],
  ['LFM2', decoder('lfm2', { queryNorm: 'a-head', layers: ['convolution', 'full'], kernel: 3 })],
  ['SmolLM3', decoder('smollm3', { layers: ['full', 'unrotated'] })],
  ['GPT-NeoX', neox],
  [
    'GPT-NeoX, one part after the other, whole heads rotated',
    {
      ...neox,
      rotatedWidth: 4,
      isParallel: false,
      hasExactGelu: false,
      hasAttentionBiases: false,
      isTied: true,
    },
  ],
  ['PaLM', palm],
  ['PaLM with queries and keys of length 1', { ...palm, hasNormedQueries: true, isTied: false }],
  ['RWKV-4', rwkv4],
  ['RWKV-7', rwkv7],
  ['RWKV-7 of one block with one head', { ...rwkv7, layers: 1, headWidth: 16 }],
]

/** Weights drawn wide, so that every part of the network matters to what it says. */
export function wideModel(config: ModelConfig): LanguageModel {
  const model = createLanguageModel(config, tinyTokenizer, seeded(3))
  for (const [name, shape] of Object.entries(model.parameters.spec)) {
    const values = model.parameters.view(name)
    const random = seeded(3, name)
    const isZero = values.every((value) => value === 0)
    const bound = 1.5 / Math.sqrt(shape[0]!)
    values.forEach((value, i) => {
      values[i] =
        shape.length === 1
          ? value + 0.4 * (random() - 0.5)
          : isZero
            ? bound * (2 * random() - 1)
            : value * widening(config)
    })
  }
  return model
}

/** GPT and Llama start with N(0, 0.02), the others with matrices about as wide as they need. */
const widening = ({ architecture }: ModelConfig): number =>
  ({ gpt: 12, llama: 12, decoder: 12, neox: 3, palm: 3, rwkv4: 2, rwkv7: 2 })[architecture]
