/** The parameters of a Llama: its configuration, names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../../compute/parameters'
import { fillNormal, type Random } from '../../maths/random'
import type { RopeScaling } from '../layers/rope-scaling'
import { blocksSpec, type Sizes } from './architecture'

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
}

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `model.layers.${layer}.${name}`

/**
 * Names and shapes, in their order in memory: Hugging Face's names. Linear layers are stored [in, out], as in
 * GPT-2, where Hugging Face has [out, in]: whoever reads or writes its files transposes. The output matrix is
 * [vocabulary, width] as there.
 */
export function llamaSpec(config: LlamaConfig): ParameterSpec {
  const { layers, width, vocabulary, isTied } = config
  return {
    'model.embed_tokens.weight': [vocabulary, width],
    ...blocksSpec(layers, nameIn, () => block(config)),
    'model.norm.weight': [width],
    ...(isTied ? {} : { 'lm_head.weight': [vocabulary, width] }),
  }
}

function block({
  heads,
  keyValueHeads,
  headWidth,
  width,
  innerWidth,
  hasBiases,
}: LlamaConfig): ParameterSpec {
  const inside = heads * headWidth
  const shared = keyValueHeads * headWidth
  return {
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
}

const initialDeviation = 0.02

/**
 * Fills the parameters: N(0, 0.02) for every matrix, divided by √(2·layers) where a part adds to the residual
 * stream (as in GPT-2); gains 1, biases 0.
 */
export function initialiseLlama(parameters: Parameters, config: LlamaConfig, random: Random): void {
  const residualDeviation = initialDeviation / Math.sqrt(2 * config.layers)
  for (const [name, shape] of Object.entries(llamaSpec(config))) {
    const values = parameters.view(name)
    const isResidual = /\.(o_proj|down_proj)\.weight$/.test(name)
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? 1 : 0)
    else fillNormal(values, isResidual ? residualDeviation : initialDeviation, random)
  }
}
