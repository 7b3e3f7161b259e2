/** RWKV-4 (Peng et al. 2023, "RWKV: Reinventing RNNs for the Transformer Era"): everything but the network. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillOrthogonal } from '../../maths/orthogonal'
import { fillUniform, type Random } from '../../maths/random'
import { count } from '../importing/json-fields'
import { inTransformers, isLinear } from '../importing/rwkv-names'
import { sizeFields, type Architecture, type Sizes } from './architecture'
import { depthOf, embeddingBound, fillEach, outputProblems, rwkvSpec, rwkvWords } from './rwkv'

export interface Rwkv4Config extends Sizes {
  readonly architecture: 'rwkv4'
  /** Width of the channel mixing's inside. */
  readonly innerWidth: number
}

/**
 * Names and shapes, in their order in memory: BlinkDL's names. Linear layers are stored [in, out] where
 * BlinkDL has [out, in], vectors [C] where he has [1, 1, C]; the embedding and the output matrix are
 * [vocabulary, width] as there.
 */
const spec = (config: Rwkv4Config): ParameterSpec => rwkvSpec(config, (isFirst) => block(config, isFirst))

const block = ({ width, innerWidth }: Rwkv4Config, isFirst: boolean): ParameterSpec => ({
  ...(isFirst ? { 'ln0.weight': [width], 'ln0.bias': [width] } : {}),
  'ln1.weight': [width],
  'ln1.bias': [width],
  'ln2.weight': [width],
  'ln2.bias': [width],
  'att.time_decay': [width],
  'att.time_first': [width],
  'att.time_mix_k': [width],
  'att.time_mix_v': [width],
  'att.time_mix_r': [width],
  'att.key.weight': [width, width],
  'att.value.weight': [width, width],
  'att.receptance.weight': [width, width],
  'att.output.weight': [width, width],
  'ffn.time_mix_k': [width],
  'ffn.time_mix_r': [width],
  'ffn.key.weight': [width, innerWidth],
  'ffn.receptance.weight': [width, width],
  'ffn.value.weight': [innerWidth, width],
})

/**
 * Fills the parameters as in RWKV-v4neo/src/model.py (`RWKV_TimeMix`, `RWKV_ChannelMix`,
 * `generate_init_weight`; Peng et al. 2023, App. E): decays from slow to fast over the channels, key,
 * receptance and output zero, the others orthogonal. Departure: the embedding is uniform within ±1e-4, as
 * BlinkDL has it since RWKV-5, and not within ± the learning rate.
 */
function initialise(parameters: Parameters, config: Rwkv4Config, random: Random): void {
  for (const [name, shape] of Object.entries(spec(config))) {
    const values = parameters.view(name)
    if (shape.length === 1) fillVector(values, name, config.layers)
    else if (name === 'emb.weight') fillUniform(values, embeddingBound, random)
    else if (name === 'head.weight')
      fillOrthogonal(values, shape[0]!, shape[1]!, 0.5 * gainOf(shape[1]!, shape[0]!), random)
    else if (/att\.value|ffn\.key/.test(name))
      fillOrthogonal(values, shape[0]!, shape[1]!, gainOf(shape[0]!, shape[1]!), random)
    else values.fill(0)
  }
}

const gainOf = (from: number, to: number): number => Math.sqrt(Math.max(1, to / from))

/** Fills a vector by its place in the network: its layer is among its name's numbers. */
function fillVector(values: Float32Array, name: string, layers: number): void {
  const width = values.length
  const { depth, left } = depthOf(name, layers)
  const part = name.slice(name.lastIndexOf('.') + 1)
  switch (part) {
    case 'time_decay':
      return fillEach(values, (i) => -5 + 8 * (i / Math.max(1, width - 1)) ** (0.7 + 1.3 * depth))
    case 'time_first':
      return fillEach(values, (i) => Math.log(0.3) + 0.5 * (((i + 1) % 3) - 1))
    case 'time_mix_k':
      return fillEach(values, (i) => (i / width) ** left)
    case 'time_mix_v':
      return fillEach(values, (i) => (i / width) ** left + 0.3 * depth)
    case 'time_mix_r':
      return fillEach(values, (i) => (i / width) ** (name.includes('.att.') ? 0.5 * left : left))
    default:
      values.fill(part === 'weight' ? 1 : 0)
  }
}

export const rwkv4: Architecture<Rwkv4Config> = {
  title: 'RWKV-4',
  fields: { ...sizeFields, innerWidth: 'count' },
  check: () => undefined,

  newConfig: ({ layers, width, contextTokens }, vocabulary) => ({
    architecture: 'rwkv4',
    layers,
    width,
    contextTokens,
    vocabulary,
    innerWidth: 4 * width,
  }),
  newProblems: outputProblems,

  spec,
  initialise,
  embeddings: ['emb.weight'],
  outputMatrix: 'head',
  words: rwkvWords,

  huggingFace: {
    modelTypes: ['rwkv'],
    read: (json) => ({
      architecture: 'rwkv4',
      layers: count(json, 'num_hidden_layers'),
      width: count(json, 'hidden_size'),
      innerWidth: count(json, 'intermediate_size'),
      contextTokens: count(json, 'context_length'),
      vocabulary: count(json, 'vocab_size'),
    }),
    withoutOutput: (config) => config,
    namesOf: () => ({ modelType: 'rwkv', languageModel: 'RwkvForCausalLM' }),
    written: ({ layers, width, innerWidth, contextTokens }) => ({
      num_hidden_layers: layers,
      hidden_size: width,
      attention_hidden_size: width,
      intermediate_size: innerWidth,
      context_length: contextTokens,
      layer_norm_epsilon: 1e-5,
      rescale_every: 0,
      tie_word_embeddings: false,
    }),
    prefix: () => 'rwkv.',
    isTransposed: isLinear,
    fanInFanOut: false,
    isLeftOver: () => false,
    published: (name, shape) => ({
      name: inTransformers(name),
      shape: name.includes('.time_mix_') ? [1, 1, ...shape] : shape,
    }),
  },
}
