/** One update of implicit language Q-learning: its heads, what the graph computes, and its batch in parts. */
import type { IlqlSettings } from '../../src-shared/recipes/ilql'
import type {
  Engine,
  Float2D,
  HostBatch,
  HostTensor,
  LossAndScalars,
  TrainStep,
  Weights,
} from '../compute/engine'
import { allocate, overlay, type Parameters } from '../compute/parameters'
import * as tf from '../compute/tf'
import { expectileLosses, targetsOfQ, weightedImitation } from '../maths/ilql'
import { fillNormal, seeded } from '../maths/random'
import { values } from '../model/heads'
import { chosenLogProbs, logProbsOfStates, readStates } from '../model/language-model'
import type { LanguageModel, ModelConfig } from '../model/model'
import { weight } from '../model/network'
import { withValueHead } from '../model/trunk-parameters'
import { positionsOf } from './next-token'
import { optimizerOf } from './optimizer'
import { partsOfLikeLength, type LengthPlan } from './real-lengths'
import { collate, learnedSpans, learnedTokens, type Row, type RowBatch } from './rows'

/** A text with what it is worth. */
export type RatedRow = Row & { readonly reward: number }

/** Both Q are linear in the state, [V, C]: what a token is worth is its row times the state. */
export const qHeads = ['q1.weight', 'q2.weight'] as const
/** The slow copies that V learns from. */
export const targetHeads = ['q1_target.weight', 'q2_target.weight'] as const
/** Deviation of their first values: the two must differ, or they are one. */
const firstDeviation = 0.02

/** The model with its heads, and their slow copies, all of which change. */
export interface Learner {
  readonly config: ModelConfig
  /** Trunk and heads, which are trained, over the slow copies. */
  readonly parameters: Parameters
  /** What is trained of them. */
  readonly own: Parameters
  readonly targets: Parameters
}

export function openLearner({ config, parameters }: LanguageModel, seed: number): Learner {
  const shape = [config.vocabulary, config.width]
  const heads = withValueHead(Object.fromEntries(qHeads.map((name) => [name, shape])), config.width)
  const own = allocate({ ...parameters.spec, ...heads })
  const targets = allocate(Object.fromEntries(targetHeads.map((name) => [name, shape])))
  for (const name of Object.keys(parameters.spec)) own.view(name).set(parameters.view(name))
  for (const [index, name] of qHeads.entries()) {
    fillNormal(own.view(name), firstDeviation, seeded(seed, 'heads', name))
    targets.view(targetHeads[index] as string).set(own.view(name))
  }
  return { config, own, targets, parameters: overlay(targets, own) }
}

/** q̂ ← α·q + (1 − α)·q̂ (Polyak & Juditsky 1992). @param share α */
export function moveTargets({ own, targets }: Learner, share: number): void {
  for (const [index, name] of qHeads.entries()) {
    const newest = own.view(name)
    const slow = targets.view(targetHeads[index] as string)
    slow.forEach((each, i) => {
      slow[i] = share * (newest[i] as number) + (1 - share) * each
    })
  }
}

/** `rewards` at the token they are given for; `share` one over the learned tokens of the whole update. */
type IlqlBatch = RowBatch & { rewards: Float2D; share: tf.Scalar }

export const openIlqlStep = (
  engine: Engine,
  { config, parameters }: Learner,
  settings: IlqlSettings,
): TrainStep<IlqlBatch> =>
  engine.trainStep<IlqlBatch>(
    parameters,
    (weights, batch) => objective(config, weights, batch, settings),
    optimizerOf(settings),
    { recomputes: settings.recompute === 'on' },
  )

function objective(
  config: ModelConfig,
  weights: Weights,
  { ids, mask, rewards, share }: IlqlBatch,
  { tau, gamma, cqlWeight, imitationWeight, imitationBeta }: IlqlSettings,
): LossAndScalars {
  const mean = (losses: tf.Tensor): tf.Scalar => tf.mul(tf.sum(tf.mul(losses, mask)), share)
  const states = readStates(config, weights, ids) // [rows, time, C]
  const logProbs = logProbsOfStates(config, weights, { states, ids })
  const expected = values(config, weights, states) // V, [rows, time]
  const worth = (name: string) => worthOfCame(weight(weights, name) as tf.Tensor2D, states, ids)
  const slow = tf.stopGradient(tf.minimum(worth(targetHeads[0]), worth(targetHeads[1])))

  const goal = targetsOfQ(rewards, expected, mask, gamma)
  const sum = (of: (name: string) => tf.Scalar): tf.Scalar => tf.add(of(qHeads[0]), of(qHeads[1]))
  const q = sum((name) => mean(tf.square(tf.sub(worth(name), goal))))
  const value = mean(expectileLosses(slow, expected, tau))
  // what the data does not show is not worth much: log Σ e^Q − Q(token that came) (Kumar et al. 2020, CQL(H), Eq. 4)
  const held = sum((name) => mean(tf.neg(chosenLogProbs(worthOfAll(weights, name, states), ids))))
  const imitation = mean(weightedImitation(logProbs, tf.sub(slow, expected), imitationBeta))
  const kept = tf.add(tf.mul(held, cqlWeight), tf.mul(imitation, imitationWeight))
  return { loss: tf.add<tf.Scalar>(tf.add(q, value), kept), q, value, imitation }
}

/** Q of the tokens that came: each one's row times the state before it. [rows, time] */
function worthOfCame(head: tf.Tensor2D, states: tf.Tensor3D, ids: tf.Tensor): tf.Tensor2D {
  const [rows, time, width] = states.shape
  const came = tf.reshape(tf.slice(ids, [0, 1], [rows, time]), [rows * time])
  const ofCame = tf.gather(head, came)
  const products = tf.mul(tf.reshape(states, [rows * time, width]), ofCame)
  return tf.reshape(tf.sum(products, 1), [rows, time])
}

/** Q of every token. [rows, time, V] */
function worthOfAll(weights: Weights, name: string, states: tf.Tensor3D): tf.Tensor3D {
  const [rows, time, width] = states.shape
  const head = weight(weights, name) as tf.Tensor2D
  const flat: tf.Tensor2D = tf.reshape(states, [rows * time, width])
  return tf.reshape(tf.matMul(flat, head, false, true), [rows, time, head.shape[0]])
}

/** The batch of one update in parts of so many rows of like length, the last padded. */
export function ratedInParts(rows: readonly RatedRow[], plan: LengthPlan): readonly HostBatch<IlqlBatch>[] {
  const share: HostTensor = { shape: [], data: Float32Array.of(1 / Math.max(1, learnedTokens(rows))) }
  return partsOfLikeLength(rows, positionsOf, plan).map(({ rows: some, time }) => {
    const rewards = new Float32Array(plan.rows * time)
    for (const [index, row] of some.entries()) {
      const end = learnedSpans(row).at(-1)?.to ?? row.ids.length
      rewards[index * time + end - 2] = row.reward
    }
    return {
      ...collate(some, plan.rows, time),
      rewards: { shape: [plan.rows, time], data: rewards },
      share,
    }
  })
}
