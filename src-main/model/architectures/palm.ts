/** The parameters of a PaLM: names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, fillUniform, type Random } from '../../maths/random'
import type { PalmConfig } from '../model'

/**
 * Names and shapes, in their order in memory: PaLM-rlhf-pytorch's names. Linear layers are stored [in, out],
 * as in GPT-2, where PyTorch has [out, in]: whoever reads or writes its files transposes. The fused
 * projection makes queries, key, value, feed-forward and its gate, in this order.
 */
export function palmSpec({
  layers,
  heads,
  headWidth,
  width,
  innerWidth,
  vocabulary,
  hasNormedQueries,
  isTied,
}: PalmConfig): ParameterSpec {
  const inside = heads * headWidth
  const block: ParameterSpec = {
    'norm.gamma': [width],
    ...(hasNormedQueries ? { q_scale: [headWidth], k_scale: [headWidth] } : {}),
    'fused_attn_ff_proj.weight': [width, inside + 2 * headWidth + 2 * innerWidth],
    'attn_out.weight': [inside, width],
    'ff_out.2.weight': [innerWidth, width],
  }
  const blocks = Array.from({ length: layers }, (_, layer) =>
    Object.entries(block).map(([name, shape]) => [nameIn(layer, name), shape] as const),
  )
  return {
    'token_emb.weight': [vocabulary, width],
    ...Object.fromEntries(blocks.flat()),
    'norm.gamma': [width],
    ...(isTied ? {} : { 'to_logits.weight': [vocabulary, width] }),
  }
}

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `layers.${layer}.fn.${name}`

/**
 * Fills the parameters: N(0, 0.02) for the embedding (and an output matrix of its own), gains 1, and
 * PyTorch's default for linear layers, uniform within ±1/√in (He et al. 2015 with a = √5). Source:
 * palm_rlhf_pytorch/palm.py.
 */
export function initialisePalm(parameters: Parameters, config: PalmConfig, random: Random): void {
  for (const [name, shape] of Object.entries(palmSpec(config))) {
    const values = parameters.view(name)
    if (shape.length === 1) values.fill(1)
    else if (name === 'token_emb.weight' || name === 'to_logits.weight') fillNormal(values, 0.02, random)
    else fillUniform(values, 1 / Math.sqrt(shape[0]!), random)
  }
}
