/** SmolLM3 (Bakouch et al. 2025): a Llama that rotates no positions in every fourth block. */
import { plainDesign } from '../architectures/decoder-config'
import { checkOnly, flag } from '../importing/json-fields'
import { shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import { readPositions, readSizes, writtenPositions, writtenSizes, type Family } from './family'

/** One for each block: 1 where positions are rotated. @throws WeightsError */
function rotatedIn(json: JsonObject, layers: number): readonly boolean[] {
  const found = json['no_rope_layers']
  const interval = Number(json['no_rope_layer_interval'] ?? 4)
  if (found === undefined || found === null)
    return Array.from({ length: layers }, (_, layer) => (layer + 1) % interval !== 0)
  return Array.isArray(found) && found.length === layers
    ? found.map(Boolean)
    : refuse(`its no_rope_layers are ${shown(found)}, not one for each of ${layers} layers`)
}

export const smollm3: Family = {
  modelTypes: ['smollm3'],
  names: {
    modelType: 'smollm3',
    languageModel: 'SmolLM3ForCausalLM',
    rewardModel: 'SmolLM3ForSequenceClassification',
  },
  read(json) {
    checkOnly(json, { hidden_act: ['silu'], use_sliding_window: [false] })
    const sizes = readSizes(json, 'rms_norm_eps', true)
    const { rope } = readPositions(json, sizes, { base: 2_000_000 })
    const isBiased = flag(json, 'attention_bias', false)
    const isInnerBiased = flag(json, 'mlp_bias', false)
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        layers: rotatedIn(json, sizes.layers).map((isRotated) => (isRotated ? 'full' : 'unrotated')),
        biases: [
          ...(isBiased ? (['query-key-value', 'attention-output'] as const) : []),
          ...(isInnerBiased ? (['feed-forward'] as const) : []),
        ],
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config),
    ...writtenPositions(config),
    hidden_act: 'silu',
    no_rope_layers: config.design.layers.map((kind) => (kind === 'unrotated' ? 0 : 1)),
    use_sliding_window: false,
    attention_bias: config.design.biases.includes('query-key-value'),
    mlp_bias: config.design.biases.includes('feed-forward'),
  }),
}
