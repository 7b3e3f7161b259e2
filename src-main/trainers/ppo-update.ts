/**
 * One update of proximal policy optimization: what the graph computes, on which parameters, and what of it a
 * resumed run needs.
 */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { Batch, Engine, HostTensor, Tensors, TrainStep, Weights } from '../compute/engine'
import { trainedPart } from '../compute/parameters'
import * as tf from '../compute/tf'
import { klDivergence } from '../maths/kl'
import { maskedMean } from '../maths/masked'
import {
  approximateKl,
  clipFraction,
  largestRatio,
  policyLoss,
  probabilityRatio,
  valueLoss,
} from '../maths/ppo-loss'
import { addValueHead, values } from '../model/heads'
import { chosenLogProbs, nextTokenLogitsOf, readStates } from '../model/language-model'
import type { LanguageModel } from '../model/model'
import { optimizerOf, restoreOptimizer, storedOptimizer } from './optimizer'
import { collateDrawn, type Drawn, type RolloutShape } from './rollout'
import { toTrain } from './trained-part'
import type { ResumeState, Snapshot } from './trainer'

/** A completion with what its update needs: one number a drawn token. */
export interface Experience extends Drawn {
  readonly advantages: Float32Array
  readonly returns: Float32Array
}

export interface PpoModels {
  readonly policy: LanguageModel
  /** Bears a value head; the policy itself, when they share the trunk. */
  readonly critic: LanguageModel
}

/**
 * Policy and critic at the start of a run, or where it stopped. The model started from is never changed; what
 * they do not train of it they share.
 */
export function startingModels(start: LanguageModel, settings: PpoSettings, resume?: Snapshot): PpoModels {
  const isShared = settings.critic === 'value-head'
  const valued = addValueHead(start)
  const policy = toTrain(isShared ? valued : start, settings, 'ppo', resume?.model)
  const critic = isShared ? policy : toTrain(valued, settings, 'critic')
  for (const [name, stored] of Object.entries(resume?.resume.tensors ?? {})) {
    if (name.startsWith(criticPrefix)) critic.parameters.view(name.slice(criticPrefix.length)).set(stored)
  }
  return { policy, critic }
}

const criticPrefix = 'critic-weights/'

export interface UpdateWeights {
  /** Of their peaks that policy and critic step by. */
  readonly stepShare: number
  /** Only the critic learns; of a shared trunk only the head. */
  readonly isWarmingUp: boolean
  /** β in the unit of the advantages. */
  readonly klWeight: number
}

export interface PpoUpdates {
  /** One update. @returns the losses and what describes the update, by name */
  apply(experience: readonly Experience[], how: UpdateWeights): Promise<Readonly<Record<string, number>>>
  stored(): Omit<ResumeState, 'step'>
  restore(resume: ResumeState): void
  dispose(): void
}

export function openPpoUpdates(
  engine: Engine,
  { policy, critic }: PpoModels,
  shape: RolloutShape,
  settings: PpoSettings,
): PpoUpdates {
  const { config } = policy
  const isShared = policy === critic
  const isExact = settings.klEstimator === 'exact'
  const criticLoss = (weights: Weights, batch: Tensors, states: tf.Tensor3D): tf.Scalar =>
    valueLoss(
      values(config, weights, states),
      of(batch, 'values'),
      of(batch, 'returns'),
      of(batch, 'mask'),
      settings.valueClipRange,
    )

  const policyStep = engine.trainStep(
    policy.parameters,
    (weights, batch) => {
      const mask = of(batch, 'mask') // [rows, time]
      const ids = batch['ids'] as tf.Tensor // [rows, time + 1]
      const states = readStates(config, weights, ids) // [rows, time, C]
      // [rows, time, V]
      const full = nextTokenLogitsOf(config, weights, states, { temperature: settings.temperature })
      // [rows, time]
      const logProbs = chosenLogProbs(batch['allowed'] ? tf.add(full, batch['allowed']) : full, ids)
      const ratio = probabilityRatio(logProbs, of(batch, 'logProbs'), mask)
      const surrogate = policyLoss(ratio, of(batch, 'advantages'), mask, settings.clipRange)
      const objective: tf.Scalar = isExact
        ? tf.add(surrogate, tf.mul(maskedMean(exactKl(batch, full), mask), batch['klWeight'] as tf.Scalar))
        : surrogate
      const described: Record<string, tf.Scalar> = {
        policy: surrogate,
        clipFraction: clipFraction(ratio, mask, settings.clipRange),
        approximateKl: approximateKl(logProbs, of(batch, 'logProbs'), mask),
        largestRatio: largestRatio(ratio),
      }
      if (!isShared) return { loss: objective, ...described }
      const learns = batch['policyLearns'] as tf.Scalar // 1, or 0 while only the head learns
      const value = criticLoss(weights, batch, mixed(states, learns))
      return {
        loss: tf.add(tf.mul(objective, learns), tf.mul(value, settings.valueWeight)),
        value,
        ...described,
      }
    },
    optimizerOf(settings),
  )

  const criticStep = isShared
    ? undefined
    : engine.trainStep(
        critic.parameters,
        (weights, batch) => {
          const loss = criticLoss(weights, batch, readStates(config, weights, batch['ids'] as tf.Tensor))
          return { loss, value: loss }
        },
        optimizerOf(settings),
      )
  const steps: readonly (readonly [string, TrainStep])[] = [
    ['policy', policyStep],
    ...(criticStep ? [['critic', criticStep] as const] : []),
  ]

  return {
    async apply(experience, { stepShare, isWarmingUp, klWeight }) {
      const batch = {
        ...collate(experience, shape, config.vocabulary),
        ...(isExact ? { klWeight: { shape: [], data: Float32Array.of(klWeight) } } : {}),
      }
      if (!criticStep)
        return policyStep.update(
          { ...batch, policyLearns: { shape: [], data: Float32Array.of(isWarmingUp ? 0 : 1) } },
          stepShare * settings.learningRate,
        )
      const { ids, mask, values, returns } = batch as Record<
        'ids' | 'mask' | 'values' | 'returns',
        HostTensor
      >
      const ofCritic = await criticStep.update(
        { ids, mask, values, returns },
        stepShare * settings.criticLearningRate,
      )
      return isWarmingUp
        ? ofCritic
        : {
            ...(await policyStep.update(batch, stepShare * settings.learningRate)),
            value: ofCritic['value'] as number,
          }
    },
    stored: () => ({
      tensors: Object.assign(
        storedCritic(critic, isShared),
        ...steps.map(([name, step]) => storedOptimizer(name, step).tensors),
      ),
      numbers: Object.assign({}, ...steps.map(([name, step]) => storedOptimizer(name, step).numbers)),
    }),
    restore: (resume) => steps.forEach(([name, step]) => restoreOptimizer(name, step, resume)),
    dispose: () => steps.forEach(([, step]) => step.dispose()),
  }
}

/** KL(π ‖ π_ref) of the whole softmax at each position, with its gradient: [rows, time]. */
const exactKl = (batch: Tensors, full: tf.Tensor3D): tf.Tensor =>
  klDivergence(full, batch['referenceLogits'] as tf.Tensor)

/** The states themselves; where `learns` is 0 no gradient flows through them. */
function mixed(states: tf.Tensor3D, learns: tf.Scalar): tf.Tensor3D {
  const constant = tf.stopGradient(states)
  return tf.add(constant, tf.mul(tf.sub(states, constant), learns))
}

/** Copies of the critic's trained tensors: all, or the value head alone when the rest is the policy's. */
function storedCritic({ parameters }: LanguageModel, isShared: boolean): Record<string, Float32Array> {
  const names = Object.keys(trainedPart(parameters).spec).filter(
    (name) => !isShared || name.startsWith('v_head.'),
  )
  return Object.fromEntries(names.map((name) => [criticPrefix + name, parameters.view(name).slice()]))
}

const of = (batch: Tensors, name: string): tf.Tensor2D => batch[name] as tf.Tensor2D

/**
 * `ids` and `allowed` as for sampling; `mask`, `logProbs`, `advantages`, `values`, `returns` float32 [rows,
 * time] and `referenceLogits` [rows, time, V], 0 where nothing was drawn.
 */
function collate(experience: readonly Experience[], shape: RolloutShape, vocabulary: number): Batch {
  const placed = (numbersOf: (each: Experience) => Float32Array, width?: number): HostTensor => {
    const data = new Float32Array(shape.rows * shape.time * (width ?? 1))
    for (const [row, each] of experience.entries())
      data.set(numbersOf(each), (row * shape.time + each.completion.promptTokens - 1) * (width ?? 1))
    return { shape: [shape.rows, shape.time, ...(width === undefined ? [] : [width])], data }
  }
  return {
    ...collateDrawn(
      experience.map((each) => each.completion),
      shape,
      vocabulary,
    ),
    mask: placed(({ logProbs }) => new Float32Array(logProbs.length).fill(1)),
    logProbs: placed((each) => each.logProbs),
    advantages: placed((each) => each.advantages),
    values: placed((each) => each.values),
    returns: placed((each) => each.returns),
    ...(experience[0]?.referenceLogits
      ? { referenceLogits: placed((each) => each.referenceLogits ?? new Float32Array(0), vocabulary) }
      : {}),
  }
}
