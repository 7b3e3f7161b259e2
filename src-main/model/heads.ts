/** Scalar heads on the trunk: a reward model's score of a text, a critic's value of every position. */
import type { Weights } from '../compute/engine'
import { allocate, copyParameters, overlay, partOf } from '../compute/parameters'
import * as tf from '../compute/tf'
import { fillNormal, type Random } from '../maths/random'
import type { LanguageModel, ModelConfig, RewardModel } from './model'
import { weight } from './network'
import { networkOf } from './networks'
import { withScoreHead, withValueHead } from './trunk-parameters'

/** A reward model that reads with the language model's own trunk, which it shares; its head is N(0, 1/√(C + 1)) (Stiennon et al. 2020, App. B.1). */
export function createRewardModel(base: LanguageModel, random: Random): RewardModel {
  const { width } = base.config, head = allocate(withScoreHead({}, width))
  fillNormal(head.view('score.weight'), 1 / Math.sqrt(width + 1), random)
  return { ...base, kind: 'reward-model', parameters: overlay(base.parameters, head) }
}

/** A language model with a value head beside its trunk, which it shares: zero, so that every value starts at 0. */
export const addValueHead = (model: LanguageModel): LanguageModel => ({ ...model, parameters: overlay(model.parameters, allocate(withValueHead({}, model.config.width))) })

/** The language model alone, copied where it is trained, without what stands beside its trunk. */
export const withoutHead = (model: LanguageModel): LanguageModel => ({ ...model, parameters: copyParameters(partOf(model.parameters, (name) => !name.startsWith('v_head.'))) })

/**
 * The score of each text, read at its last token.
 * @param ids      int32 [B, T], padded on the right with anything
 * @param lengths  int32 [B], tokens of each text, 1 … T
 * @returns [B]
 */
export function rewardScores(config: ModelConfig, weights: Weights, ids: tf.Tensor, lengths: tf.Tensor): tf.Tensor1D {
  const [rows, length] = ids.shape as [number, number]
  const scores = scalarHead(config, weights, networkOf(config).hiddenStates(weights, ids), 'score')
  const isLast = tf.oneHot(tf.sub(tf.reshape(lengths, [rows]), tf.scalar(1, 'int32')) as tf.Tensor1D, length, 1, 0, 'float32')
  return tf.sum(tf.mul(scores, isLast), 1)
}

/**
 * What the critic expects at each position.
 * @param states of the policy's own trunk, or of a critic's: [B, T, C]
 * @returns [B, T], in units of reward
 */
export const values = (config: ModelConfig, weights: Weights, states: tf.Tensor3D): tf.Tensor2D => scalarHead(config, weights, states, 'v_head.summary')

function scalarHead({ width }: ModelConfig, weights: Weights, states: tf.Tensor3D, name: string): tf.Tensor2D {
  const [rows, length] = states.shape
  const flat = tf.reshape(states, [rows * length, width])
  return tf.reshape(tf.add(tf.matMul(flat, weight(weights, `${name}.weight`) as tf.Tensor2D), weight(weights, `${name}.bias`)), [rows, length])
}
