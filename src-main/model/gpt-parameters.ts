/** The parameters of a GPT and of the heads on it: names, shapes, first values. Nothing here computes with tensors. */
import type { Parameters, ParameterSpec } from '../compute/parameters'
import { normal, type Random } from '../maths/random'
import type { GptConfig, Model } from './model'

const initialDeviation = 0.02

/** @throws Error in words when the sizes do not fit together */
export function checkConfig({ layers, heads, width, contextTokens, vocabulary }: GptConfig): void {
  for (const [name, size] of Object.entries({ layers, heads, width, contextTokens, vocabulary })) {
    if (!Number.isSafeInteger(size) || size < 1) throw new Error(`${name} must be a whole number from 1, not ${size}`)
  }
  if (width % heads !== 0) throw new Error(`${heads} heads do not divide a width of ${width}`)
}

/** Names and shapes, in the order of the flat buffer: Hugging Face's names for GPT-2, and its layout, in which a linear layer's weight is [in, out]. */
export function gptSpec(config: GptConfig): ParameterSpec {
  const { layers, width, contextTokens, vocabulary } = config
  checkConfig(config)
  const blocks = Array.from({ length: layers }, (_, layer) => Object.entries(blockSpec(width)).map(([name, shape]) => [nameIn(layer, name), shape] as const))
  return {
    'transformer.wte.weight': [vocabulary, width],
    'transformer.wpe.weight': [contextTokens, width],
    ...Object.fromEntries(blocks.flat()),
    'transformer.ln_f.weight': [width],
    'transformer.ln_f.bias': [width],
  }
}

const blockSpec = (width: number): ParameterSpec => ({
  'ln_1.weight': [width], 'ln_1.bias': [width],
  'attn.c_attn.weight': [width, 3 * width], 'attn.c_attn.bias': [3 * width],
  'attn.c_proj.weight': [width, width], 'attn.c_proj.bias': [width],
  'ln_2.weight': [width], 'ln_2.bias': [width],
  'mlp.c_fc.weight': [width, 4 * width], 'mlp.c_fc.bias': [4 * width],
  'mlp.c_proj.weight': [4 * width, width], 'mlp.c_proj.bias': [width],
})

/** The name of a block's tensor. */
export const nameIn = (layer: number, name: string): string => `transformer.h.${layer}.${name}`

/** Names as in Hugging Face's GPT2ForSequenceClassification; the bias is ours, so that scores can be centred. */
export const withScoreHead = (spec: ParameterSpec, width: number): ParameterSpec => ({ ...spec, 'score.weight': [width, 1], 'score.bias': [1] })

/** Names as in TRL's AutoModelForCausalLMWithValueHead. */
export const withValueHead = (spec: ParameterSpec, width: number): ParameterSpec => ({ ...spec, 'v_head.summary.weight': [width, 1], 'v_head.summary.bias': [1] })

/** What a model of this kind is stored as: its trunk, and a reward model's head. */
export const specOf = (kind: Model['kind'], config: GptConfig): ParameterSpec => (kind === 'reward-model' ? withScoreHead(gptSpec(config), config.width) : gptSpec(config))

/**
 * Fills the trunk's parameters: N(0, 0.02) for every matrix, divided by √(2·layers) where a part adds to the residual
 * stream; gains 1, biases 0. Source: Radford et al. 2019, §2.3; minGPT, mingpt/model.py.
 */
export function initialise(parameters: Parameters, config: GptConfig, random: Random): void {
  for (const [name, shape] of Object.entries(gptSpec(config))) {
    const values = parameters.view(name)
    if (shape.length === 1) values.fill(name.endsWith('.weight') ? 1 : 0)
    else fillNormal(values, name.endsWith('.c_proj.weight') ? initialDeviation / Math.sqrt(2 * config.layers) : initialDeviation, random)
  }
}

/** Fills with draws from N(0, deviation). */
export function fillNormal(values: Float32Array, deviation: number, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * normal(random)
}

/** Weight decay is for the matrices of linear layers: not for embeddings, biases and LayerNorm (minGPT, `configure_optimizers`). */
export const isDecayed = (name: string, shape: readonly number[]): boolean => shape.length === 2 && !/\.w[tp]e\./.test(name)
