/**
 * Heads on the trunk: a reward model's score of a text, one number, several, or a distribution over bins; a
 * critic's value of every position.
 */
import type { Weights } from '../compute/engine'
import { allocate, copyParameters, overlay, partOf } from '../compute/parameters'
import * as tf from '../compute/tf'
import { meanOfBins } from '../maths/binned'
import { cautiousScore } from '../maths/ensemble'
import { joinedSteps } from '../maths/steps'
import { fillNormal, type Random } from '../maths/random'
import type { LanguageModel, ModelConfig, RewardHead, RewardModel } from './model'
import { weight } from './network'
import { networkOf } from './architectures/networks'
import { withScoreHead, withValueHead } from './trunk-parameters'

/**
 * A reward model that reads with the language model's own trunk, which it shares; its head is N(0, 1/√(C +
 * 1)) (Stiennon et al. 2020, App. B.1), what is added to prompt and completion is zero at first
 * (PaLM-rlhf-pytorch, reward.py).
 */
export function createRewardModel(base: LanguageModel, random: Random, head?: RewardHead): RewardModel {
  const { width } = base.config
  const own = allocate(withScoreHead({}, width, head))
  fillNormal(own.view('score.weight'), 1 / Math.sqrt(width + 1), random)
  return { ...base, kind: 'reward-model', parameters: overlay(base.parameters, own), ...(head && { head }) }
}

/**
 * A language model with a value head beside its trunk, which it shares: zero, so that every value starts at
 * 0.
 */
export const addValueHead = (model: LanguageModel): LanguageModel => ({
  ...model,
  parameters: overlay(model.parameters, allocate(withValueHead({}, model.config.width))),
})

/**
 * A critic that begins as a reward model: its trunk, and the score of a text so far as the value there.
 * @throws Error when the score is no plain number of the state
 */
export function criticOf({ head, ...model }: RewardModel): LanguageModel {
  if (head?.bins || head?.ensemble || head?.hasSegments)
    throw new Error('a reward model with bins, several heads or segments is no critic')
  const own = allocate(withValueHead({}, model.config.width))
  for (const part of ['weight', 'bias'])
    own.view(`v_head.summary.${part}`).set(model.parameters.view(`score.${part}`))
  const trunk = partOf(model.parameters, (name) => !name.startsWith('score.'))
  return { ...model, kind: 'language-model', parameters: overlay(trunk, own) }
}

/** The language model alone, copied where it is trained, without what stands beside its trunk. */
export const withoutHead = (model: LanguageModel): LanguageModel => ({
  ...model,
  parameters: copyParameters(partOf(model.parameters, (name) => !name.startsWith('v_head.'))),
})

/** Texts as a reward model reads them. */
export interface ScoredTexts {
  /** int32 [B, T], padded on the right with anything. */
  readonly ids: tf.Tensor
  /** int32 [B], tokens of each text, 1 … T. */
  readonly lengths: tf.Tensor
  /** int32 [B], tokens of each prompt, its begin token counted; wanted by a head with segments. */
  readonly promptLengths?: tf.Tensor | undefined
  /** int32 [B, steps], the token each step ends with, counted through all texts; wanted by a head with steps. */
  readonly stepTokens?: tf.Tensor | undefined
  /** [B, steps], 1 where there is a step. */
  readonly stepMask?: tf.Tensor | undefined
}

/** The score of each text, read at its last token: [B]. */
export function rewardScores(
  model: Pick<RewardModel, 'config' | 'head'>,
  weights: Weights,
  texts: ScoredTexts,
): tf.Tensor1D {
  const steps = model.head?.steps
  if (!steps) return scoreOf(model.head, headOutputs(model, weights, texts))
  if (!texts.stepMask) throw new Error('this reward model must be told where each step ends')
  return joinedSteps(stepLogits(model, weights, texts), texts.stepMask as tf.Tensor2D, steps.joined)
}

/** What the head says at the end of each step, the logit of its being right: [B, steps]. */
export function stepLogits(
  model: Pick<RewardModel, 'config' | 'head'>,
  weights: Weights,
  texts: ScoredTexts,
): tf.Tensor2D {
  if (!texts.stepTokens) throw new Error('this reward model must be told where each step ends')
  const [rows, steps] = texts.stepTokens.shape as [number, number]
  const said = tf.gather(tokenOutputs(model, weights, texts), tf.reshape(texts.stepTokens, [rows * steps]))
  return tf.reshape(said, [rows, steps])
}

/** One score a text of what the head says of it: [B, outputs] → [B]. */
export function scoreOf(head: RewardHead | undefined, outputs: tf.Tensor2D): tf.Tensor1D {
  if (head?.bins) return meanOfBins(outputs, head.bins)
  if (head?.ensemble) return cautiousScore(outputs, head.ensemble.caution)
  return tf.reshape(outputs, [outputs.shape[0]])
}

/**
 * What the head says of each text: its score [B, 1], the scores of an ensemble [B, heads], or unnormalised
 * log-probabilities of its bins [B, bins].
 */
export function headOutputs(
  model: Pick<RewardModel, 'config' | 'head'>,
  weights: Weights,
  texts: ScoredTexts,
): tf.Tensor2D {
  const [rows, length] = texts.ids.shape as [number, number]
  const isLast = tf.oneHot(
    tf.sub(tf.reshape(texts.lengths, [rows]), tf.scalar(1, 'int32')) as tf.Tensor1D,
    length,
    1,
    0,
    'float32',
  )
  const states = readStates(model, weights, texts)
  return saidOf(weights, tf.reshape(tf.matMul(tf.expandDims(isLast, 1), states), [rows, model.config.width]))
}

/** The same of each token, one text after the other, as if the text ended with it: [B · T, outputs]. */
export function tokenOutputs(
  model: Pick<RewardModel, 'config' | 'head'>,
  weights: Weights,
  texts: ScoredTexts,
): tf.Tensor2D {
  const [rows, length] = texts.ids.shape as [number, number]
  return saidOf(weights, tf.reshape(readStates(model, weights, texts), [rows * length, model.config.width]))
}

function readStates(
  { config, head }: Pick<RewardModel, 'config' | 'head'>,
  weights: Weights,
  { ids, promptLengths }: ScoredTexts,
): tf.Tensor3D {
  const length = ids.shape[1] as number
  const added = head?.hasSegments ? segments(weights, length, promptLengths) : undefined
  return networkOf(config).hiddenStates(weights, ids, added)
}

const saidOf = (weights: Weights, states: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(states, weight(weights, 'score.weight') as tf.Tensor2D), weight(weights, 'score.bias'))

/** What is added to the tokens of prompts and completions: [B, T, C]. */
function segments(weights: Weights, length: number, promptLengths: tf.Tensor | undefined): tf.Tensor3D {
  if (!promptLengths) throw new Error('this reward model must be told where each prompt ends')
  const isPrompt = tf.cast(
    tf.less(tf.range(0, length, 1, 'int32'), tf.expandDims(promptLengths, 1)),
    'float32',
  ) // [B, T]
  const prompt = weight(weights, 'prompt_embed')
  const response = weight(weights, 'response_embed')
  return tf.add(response, tf.mul(tf.expandDims(isPrompt, 2), tf.sub(prompt, response)))
}

/**
 * What the critic expects at each position.
 * @param states of the policy's own trunk, or of a critic's: [B, T, C]
 * @returns [B, T], in units of reward
 */
export const values = (config: ModelConfig, weights: Weights, states: tf.Tensor3D): tf.Tensor2D =>
  scalarHead(config, weights, states, 'v_head.summary')

function scalarHead(
  { width }: ModelConfig,
  weights: Weights,
  states: tf.Tensor3D,
  name: string,
): tf.Tensor2D {
  const [rows, length] = states.shape
  const flat = tf.reshape(states, [rows * length, width])
  return tf.reshape(
    tf.add(
      tf.matMul(flat, weight(weights, `${name}.weight`) as tf.Tensor2D),
      weight(weights, `${name}.bias`),
    ),
    [rows, length],
  )
}
