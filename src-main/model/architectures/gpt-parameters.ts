/** The parameters of a GPT: its configuration, names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, type Random } from '../../maths/random'
import { blocksSpec, type Sizes } from './architecture'

/** GPT-2 and its kin (Radford et al. 2019). */
export interface GptConfig extends Sizes {
  readonly architecture: 'gpt'
  /** They divide the width. */
  readonly heads: number
  /** The output matrix is the token embedding. */
  readonly isTied: boolean
}

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `transformer.h.${layer}.${name}`

/**
 * Names and shapes, in their order in memory: Hugging Face's names for GPT-2, and its layout, in which a
 * linear layer's weight is [in, out].
 */
export function gptSpec({ layers, width, contextTokens, vocabulary, isTied }: GptConfig): ParameterSpec {
  return {
    'transformer.wte.weight': [vocabulary, width],
    'transformer.wpe.weight': [contextTokens, width],
    ...blocksSpec(layers, nameIn, () => block(width)),
    'transformer.ln_f.weight': [width],
    'transformer.ln_f.bias': [width],
    ...(isTied ? {} : { 'lm_head.weight': [vocabulary, width] }),
  }
}

const block = (width: number): ParameterSpec => ({
  'ln_1.weight': [width],
  'ln_1.bias': [width],
  'attn.c_attn.weight': [width, 3 * width],
  'attn.c_attn.bias': [3 * width],
  'attn.c_proj.weight': [width, width],
  'attn.c_proj.bias': [width],
  'ln_2.weight': [width],
  'ln_2.bias': [width],
  'mlp.c_fc.weight': [width, 4 * width],
  'mlp.c_fc.bias': [4 * width],
  'mlp.c_proj.weight': [4 * width, width],
  'mlp.c_proj.bias': [width],
})

const initialDeviation = 0.02

/**
 * Fills the trunk's parameters: N(0, 0.02) for every matrix, divided by √(2·layers) where a part adds to the
 * residual stream; gains 1, biases 0. Source: Radford et al. 2019, §2.3; minGPT, mingpt/model.py.
 */
export function initialiseGpt(parameters: Parameters, config: GptConfig, random: Random): void {
  const residualDeviation = initialDeviation / Math.sqrt(2 * config.layers)
  for (const [name, shape] of Object.entries(gptSpec(config))) {
    const values = parameters.view(name)
    const isResidual = name.endsWith('.c_proj.weight')
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? 1 : 0)
    else fillNormal(values, isResidual ? residualDeviation : initialDeviation, random)
  }
}
