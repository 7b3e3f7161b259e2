/** LFM2 (Liquid AI 2025): gated short convolutions in most blocks, and in the others attention as Qwen3's. */
import { plainDesign, type LayerKind } from '../architectures/decoder-config'
import { checkOnly, count, flag, isGiven } from '../importing/json-fields'
import { shown, type JsonObject } from '../weights/json-file'
import { refuse } from '../weights/refusal'
import {
  readPositions,
  readSizes,
  writtenLayerTypes,
  writtenPositions,
  writtenSizes,
  type Family,
} from './family'

/** Which blocks attend. @throws WeightsError */
function layersIn(json: JsonObject, layers: number): readonly LayerKind[] {
  const types = json['layer_types']
  const attending = json['full_attn_idxs']
  const kinds: readonly unknown[] =
    Array.isArray(types) && types.length === layers
      ? types
      : Array.isArray(attending)
        ? Array.from({ length: layers }, (_, layer) =>
            attending.includes(layer) ? 'full_attention' : 'conv',
          )
        : refuse(`its layer_types are ${shown(types)}, not one for each of ${layers} layers`)
  return kinds.map((kind) => {
    if (kind === 'full_attention') return 'full'
    return kind === 'conv' ? 'convolution' : refuse(`one of its layer_types is ${shown(kind)}`)
  })
}

/** Its config.json says a width that the library makes another one of. */
function innerWidthIn(json: JsonObject): number {
  const said = count(json, isGiven(json, 'block_ff_dim') ? 'block_ff_dim' : 'intermediate_size')
  if (!flag(json, 'block_auto_adjust_ff_dim', true)) return said
  const multiple = isGiven(json, 'block_multiple_of') ? count(json, 'block_multiple_of') : 256
  const wider = Math.floor(Number(json['block_ffn_dim_multiplier'] ?? 1) * Math.floor((2 * said) / 3))
  return multiple * Math.ceil(wider / multiple)
}

export const lfm2: Family = {
  modelTypes: ['lfm2'],
  names: { modelType: 'lfm2', languageModel: 'Lfm2ForCausalLM' },
  read(json) {
    checkOnly(json, { conv_bias: [false] })
    const intermediate_size = innerWidthIn(json)
    const tied = json['tie_embedding'] ?? json['tie_word_embeddings'] ?? true
    const sizes = readSizes({ ...json, intermediate_size, tie_word_embeddings: tied }, 'norm_eps')
    const { rope } = readPositions(json, sizes, { base: 1_000_000 })
    return {
      ...sizes,
      design: {
        ...plainDesign(sizes.layers, sizes.headWidth, rope),
        queryNorm: 'a-head',
        layers: layersIn(json, sizes.layers),
        kernel: isGiven(json, 'conv_L_cache') ? count(json, 'conv_L_cache') : 3,
      },
    }
  },
  written: (config) => ({
    ...writtenSizes(config, 'norm_eps'),
    ...writtenPositions(config),
    block_auto_adjust_ff_dim: false,
    layer_types: writtenLayerTypes(config),
    full_attn_idxs: config.design.layers.flatMap((kind, layer) => (kind === 'full' ? [layer] : [])),
    conv_L_cache: config.design.kernel,
    conv_bias: false,
  }),
}
