/** The parameters of an RWKV-4: names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillOrthogonal } from '../../maths/orthogonal'
import { fillUniform, type Random } from '../../maths/random'
import type { Rwkv4Config } from '../model'

/**
 * Names and shapes, in their order in memory: BlinkDL's names. Linear layers are stored [in, out] where
 * BlinkDL has [out, in], vectors [C] where he has [1, 1, C]; the embedding and the output matrix are
 * [vocabulary, width] as there.
 */
export function rwkv4Spec({ layers, width, innerWidth, vocabulary }: Rwkv4Config): ParameterSpec {
  const blocks = Array.from({ length: layers }, (_, layer) =>
    Object.entries(blockSpec(width, innerWidth, layer === 0)).map(
      ([name, shape]) => [`blocks.${layer}.${name}`, shape] as const,
    ),
  )
  return {
    'emb.weight': [vocabulary, width],
    ...Object.fromEntries(blocks.flat()),
    'ln_out.weight': [width],
    'ln_out.bias': [width],
    'head.weight': [vocabulary, width],
  }
}

const blockSpec = (width: number, innerWidth: number, isFirst: boolean): ParameterSpec => ({
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
 * Half the width of the embedding's first values: so small that the norm after it lets tokens find their
 * places quickly.
 */
const embeddingBound = 1e-4

/**
 * Fills the parameters as in RWKV-v4neo/src/model.py (`RWKV_TimeMix`, `RWKV_ChannelMix`,
 * `generate_init_weight`; Peng et al. 2023, App. E): decays from slow to fast over the channels, key,
 * receptance and output zero, the others orthogonal. Departure: the embedding is uniform within ±1e-4, as
 * BlinkDL has it since RWKV-5, and not within ± the learning rate.
 */
export function initialiseRwkv4(parameters: Parameters, config: Rwkv4Config, random: Random): void {
  for (const [name, shape] of Object.entries(rwkv4Spec(config))) {
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

/** Fills a vector by its place in the network: `layer` is among its name's numbers. */
function fillVector(values: Float32Array, name: string, layers: number): void {
  const width = values.length
  const layer = Number(/^blocks\.(\d+)\./.exec(name)?.[1] ?? 0)
  const depth = layers > 1 ? layer / (layers - 1) : 0
  const left = 1 - layer / layers
  const fill = (of: (i: number) => number): void => {
    for (let i = 0; i < width; i++) values[i] = of(i)
  }
  const part = name.slice(name.lastIndexOf('.') + 1)
  switch (part) {
    case 'time_decay':
      return fill((i) => -5 + 8 * (i / Math.max(1, width - 1)) ** (0.7 + 1.3 * depth))
    case 'time_first':
      return fill((i) => Math.log(0.3) + 0.5 * (((i + 1) % 3) - 1))
    case 'time_mix_k':
      return fill((i) => (i / width) ** left)
    case 'time_mix_v':
      return fill((i) => (i / width) ** left + 0.3 * depth)
    case 'time_mix_r':
      return fill((i) => (i / width) ** (name.includes('.att.') ? 0.5 * left : left))
    default:
      values.fill(part === 'weight' ? 1 : 0)
  }
}
