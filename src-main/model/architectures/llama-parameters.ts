/** The parameters of a Llama: its configuration, names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import type { Random } from '../../maths/random'
import type { RopeScaling } from '../layers/rope-scaling'
import type { Sizes } from './architecture'
import { plainDesign, type Bias, type DecoderConfig } from './decoder-config'
import { decoderSpec, initialiseDecoder } from './decoder-parameters'

/** Llama 2 and 3, SmolLM, TinyLlama; with biases Qwen2 (Touvron et al. 2023). */
export interface LlamaConfig extends Sizes {
  readonly architecture: 'llama'
  readonly heads: number
  /** Heads of keys and values; they divide the heads. */
  readonly keyValueHeads: number
  readonly headWidth: number
  /** Width of the feed-forward's inside. */
  readonly innerWidth: number
  readonly normEpsilon: number
  /** θ of the rotary positions. */
  readonly ropeBase: number
  readonly ropeScaling: RopeScaling
  readonly isTied: boolean
  /** Queries, keys and values have biases (Qwen2). */
  readonly hasBiases: boolean
  /** So has what attention gives. */
  readonly hasOutputBias: boolean
  /** The feed-forward has biases. */
  readonly hasInnerBiases: boolean
}

/** Qwen2 has biases of queries, keys and values alone, which no Llama has. */
export const isQwen2 = ({ hasBiases, hasOutputBias, hasInnerBiases }: LlamaConfig): boolean =>
  hasBiases && !hasOutputBias && !hasInnerBiases

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `model.layers.${layer}.${name}`

/** The same in the words of all decoders. */
export function asDecoder({
  hasBiases,
  hasOutputBias,
  hasInnerBiases,
  ...config
}: LlamaConfig): DecoderConfig {
  const biases: readonly (readonly [Bias, boolean])[] = [
    ['query-key-value', hasBiases],
    ['attention-output', hasOutputBias],
    ['feed-forward', hasInnerBiases],
  ]
  return {
    ...config,
    architecture: 'decoder',
    family: 'llama',
    design: {
      ...plainDesign(config.layers, config.headWidth, config),
      biases: biases.filter(([, isThere]) => isThere).map(([bias]) => bias),
    },
  }
}

export const llamaSpec = (config: LlamaConfig): ParameterSpec => decoderSpec(asDecoder(config))

export const initialiseLlama = (parameters: Parameters, config: LlamaConfig, random: Random): void =>
  initialiseDecoder(parameters, asDecoder(config), random)
