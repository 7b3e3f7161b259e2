/** The parameters of a decoder: names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, type Random } from '../../maths/random'
import { blocksSpec } from './architecture'
import type { Bias, DecoderConfig } from './decoder-config'
import { nameIn, namesOf, type DecoderNames } from './decoder-names'

/**
 * Names and shapes, in their order in memory: Hugging Face's names. Linear layers are stored [in, out] where
 * Hugging Face has [out, in]; the output matrix is [vocabulary, width] as there.
 */
export function decoderSpec(config: DecoderConfig): ParameterSpec {
  const { layers, width, vocabulary, contextTokens, isTied, design } = config
  const names = namesOf(config.family)
  const { positions } = design
  return {
    [`${names.tokens}.weight`]: [vocabulary, width],
    ...(positions.type === 'learned'
      ? { [`${names.positions}.weight`]: [contextTokens + positions.offset, width] }
      : {}),
    ...blocksSpec(
      layers,
      (layer, name) => nameIn(names, layer, name),
      (layer) => block(config, names, layer),
    ),
    ...normSpec(config, names.lastNorm, width),
    ...(isTied ? {} : { 'lm_head.weight': [vocabulary, width] }),
    ...(design.biases.includes('output-matrix') ? { 'lm_head.bias': [vocabulary] } : {}),
  }
}

function block(config: DecoderConfig, names: DecoderNames, layer: number): ParameterSpec {
  const { width, innerWidth, design } = config
  const { normPlace, isGated } = design
  const norm = (name: string, isThere: boolean): ParameterSpec =>
    isThere ? normSpec(config, name, width) : {}
  const isBefore = normPlace === 'before' || normPlace === 'around'
  const isAfter = normPlace === 'after' || normPlace === 'around'
  const linear = linearSpec(config)
  return {
    ...norm(names.beforeAttention, isBefore || normPlace === 'shared'),
    ...(design.layers[layer] === 'convolution' ? convolution(config, names) : attention(config, names)),
    ...norm(names.afterAttention, isAfter),
    ...norm(names.beforeInner, isBefore),
    ...(isGated ? linear(names.gate, width, innerWidth, 'feed-forward') : {}),
    ...linear(names.up, width, innerWidth, 'feed-forward'),
    ...linear(names.down, innerWidth, width, 'feed-forward'),
    ...norm(names.afterInner, isAfter),
  }
}

function attention(config: DecoderConfig, names: DecoderNames): ParameterSpec {
  const { heads, keyValueHeads, headWidth, width, design } = config
  const { queryNorm } = design
  const linear = linearSpec(config)
  const [inside, shared] = [heads * headWidth, keyValueHeads * headWidth]
  const normed = (of: number): number => (queryNorm === 'whole' ? of : headWidth)
  return {
    ...linear(names.q, width, inside, 'query-key-value'),
    ...linear(names.k, width, shared, 'query-key-value'),
    ...linear(names.v, width, shared, 'query-key-value'),
    ...(queryNorm === 'none'
      ? {}
      : { [`${names.qNorm}.weight`]: [normed(inside)], [`${names.kNorm}.weight`]: [normed(shared)] }),
    ...linear(names.o, inside, width, 'attention-output'),
  }
}

/** One weight a channel and position, as PyTorch's depthwise Conv1d has it: [C, 1, K]. */
const convolution = ({ width, design }: DecoderConfig, names: DecoderNames): ParameterSpec => ({
  [`${names.convIn}.weight`]: [width, 3 * width],
  [`${names.conv}.weight`]: [width, 1, design.kernel],
  [`${names.convOut}.weight`]: [width, width],
})

const linearSpec =
  ({ design }: DecoderConfig) =>
  (name: string, inside: number, outside: number, bias: Bias): ParameterSpec => ({
    [`${name}.weight`]: [inside, outside],
    ...(design.biases.includes(bias) ? { [`${name}.bias`]: [outside] } : {}),
  })

const normSpec = ({ design }: DecoderConfig, name: string, width: number): ParameterSpec => ({
  [`${name}.weight`]: [width],
  ...(design.norm === 'layer' ? { [`${name}.bias`]: [width] } : {}),
})

const initialDeviation = 0.02

/**
 * Fills the parameters: N(0, 0.02) for every matrix, divided by √(2·layers) where a part adds to the residual
 * stream (as in GPT-2); gains as they change nothing, biases 0.
 */
export function initialiseDecoder(parameters: Parameters, config: DecoderConfig, random: Random): void {
  const { o, down, convOut } = namesOf(config.family)
  const residualDeviation = initialDeviation / Math.sqrt(2 * config.layers)
  const neutral = config.design.norm === 'rms-from-one' ? 0 : 1
  for (const [name, shape] of Object.entries(decoderSpec(config))) {
    const values = parameters.view(name)
    const isResidual = [o, down, convOut].some((each) => name.endsWith(`.${each}.weight`))
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? neutral : 0)
    else fillNormal(values, isResidual ? residualDeviation : initialDeviation, random)
  }
}
