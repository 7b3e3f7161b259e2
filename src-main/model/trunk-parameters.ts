/**
 * The parameters of every kind of model, whatever its architecture: names, shapes, first values. Nothing here
 * computes with tensors.
 */
import type { Parameters, ParameterSpec } from '../compute/parameters'
import type { Random } from '../maths/random'
import { architectures } from './architectures/architectures'
import type { Model, ModelConfig, RewardHead } from './model'
import { architectureOf, checkConfig } from './model-config'

/**
 * Names and shapes of the language model, in their order in memory.
 * @throws Error in words when the sizes do not fit together
 */
export function trunkSpec(config: ModelConfig): ParameterSpec {
  checkConfig(config)
  return architectureOf(config).spec(config)
}

/** Fills the trunk's parameters with the architecture's first values; heads beside it are left alone. */
export const initialise = (parameters: Parameters, config: ModelConfig, random: Random): void =>
  architectureOf(config).initialise(parameters, config, random)

/**
 * Names as in Hugging Face's …ForSequenceClassification, and of the segments as in PaLM-rlhf-pytorch; the
 * bias is ours, so that scores can be centred.
 */
export const withScoreHead = (spec: ParameterSpec, width: number, head?: RewardHead): ParameterSpec => ({
  ...spec,
  'score.weight': [width, outputsOf(head)],
  'score.bias': [outputsOf(head)],
  ...(head?.hasSegments ? { prompt_embed: [width], response_embed: [width] } : {}),
})

/** Numbers a reward model's head says of a text: one, or one a bin, or one a head of an ensemble. */
const outputsOf = (head?: RewardHead): number => head?.bins?.count ?? head?.ensemble?.heads ?? 1

/** Names as in TRL's AutoModelForCausalLMWithValueHead. */
export const withValueHead = (spec: ParameterSpec, width: number): ParameterSpec => ({
  ...spec,
  'v_head.summary.weight': [width, 1],
  'v_head.summary.bias': [1],
})

/** What a model of this kind is stored as: its trunk, and a reward model's head. */
export const specOf = (kind: Model['kind'], config: ModelConfig, head?: RewardHead): ParameterSpec =>
  kind === 'reward-model' ? withScoreHead(trunkSpec(config), config.width, head) : trunkSpec(config)

const embeddings: ReadonlySet<string> = new Set(
  Object.values(architectures).flatMap((row): readonly string[] => row.embeddings),
)

/**
 * Weight decay is for the matrices of linear layers: not for embeddings, biases and norms (minGPT,
 * `configure_optimizers`), nor for the small matrices of RWKV-7, whose names do not end in `weight`
 * (BlinkDL's `configure_optimizers`).
 */
export const isDecayed = (name: string, shape: readonly number[]): boolean =>
  shape.length === 2 && name.endsWith('.weight') && !embeddings.has(name)
