/** The parameters of a Llama: names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, type Random } from '../../maths/random'
import type { LlamaConfig } from '../model'

const initialDeviation = 0.02

/**
 * Names and shapes, in their order in memory: Hugging Face's names. Linear layers are stored [in, out], as in
 * GPT-2, where Hugging Face has [out, in]: whoever reads or writes its files transposes. The output matrix is
 * [vocabulary, width] as there.
 */
export function llamaSpec({
  layers,
  heads,
  keyValueHeads,
  headWidth,
  width,
  innerWidth,
  vocabulary,
  isTied,
  hasBiases,
}: LlamaConfig): ParameterSpec {
  const inside = heads * headWidth
  const shared = keyValueHeads * headWidth
  const block: ParameterSpec = {
    'input_layernorm.weight': [width],
    'self_attn.q_proj.weight': [width, inside],
    ...(hasBiases ? { 'self_attn.q_proj.bias': [inside] } : {}),
    'self_attn.k_proj.weight': [width, shared],
    ...(hasBiases ? { 'self_attn.k_proj.bias': [shared] } : {}),
    'self_attn.v_proj.weight': [width, shared],
    ...(hasBiases ? { 'self_attn.v_proj.bias': [shared] } : {}),
    'self_attn.o_proj.weight': [inside, width],
    'post_attention_layernorm.weight': [width],
    'mlp.gate_proj.weight': [width, innerWidth],
    'mlp.up_proj.weight': [width, innerWidth],
    'mlp.down_proj.weight': [innerWidth, width],
  }
  const blocks = Array.from({ length: layers }, (_, layer) =>
    Object.entries(block).map(([name, shape]) => [nameIn(layer, name), shape] as const),
  )
  return {
    'model.embed_tokens.weight': [vocabulary, width],
    ...Object.fromEntries(blocks.flat()),
    'model.norm.weight': [width],
    ...(isTied ? {} : { 'lm_head.weight': [vocabulary, width] }),
  }
}

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `model.layers.${layer}.${name}`

/**
 * Fills the parameters: N(0, 0.02) for every matrix, divided by √(2·layers) where a part adds to the residual
 * stream (as in GPT-2); gains 1, biases 0.
 */
export function initialiseLlama(parameters: Parameters, config: LlamaConfig, random: Random): void {
  for (const [name, shape] of Object.entries(llamaSpec(config))) {
    const values = parameters.view(name)
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? 1 : 0)
    else
      fillNormal(
        values,
        /\.(o_proj|down_proj)\.weight$/.test(name)
          ? initialDeviation / Math.sqrt(2 * config.layers)
          : initialDeviation,
        random,
      )
  }
}
