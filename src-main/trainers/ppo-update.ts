/**
 * One update of proximal policy optimization: what the graph computes, on which parameters, and what of it a
 * resumed run needs.
 */
import type { PpoSettings } from '../../src-shared/recipes/ppo'
import type { Engine, LossAndScalars, TrainStep, Weights } from '../compute/engine'
import { allocate, overlay, trainedPart } from '../compute/parameters'
import * as tf from '../compute/tf'
import { klLosses } from '../maths/kl-estimators'
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
import { readStates } from '../model/language-model'
import type { LanguageModel, ModelConfig, RewardModel } from '../model/model'
import { criticFromRewardModel } from './ppo-critic'
import { nextTokenLoss, type NextTokenBatch } from './next-token'
import { optimizerOf, restoreOptimizer, storedOptimizer } from './optimizer'
import { inParts, type CriticBatch, type Experience, type PpoBatch } from './ppo-batch'
import { saidOfTokens, withReference, type SaidOfTokens } from './ppo-distributions'
import type { MixBatch, PretrainingMix } from './pretraining-mix'
import type { LengthPlan } from './real-lengths'
import { toTrain } from './trained-part'
import type { ResumeState, Snapshot } from './trainer'

export interface PpoModels {
  readonly policy: LanguageModel
  /** Bears a value head; the policy itself, when they share the trunk. */
  readonly critic: LanguageModel
  /** Where an exact KL to it stands in the loss. */
  readonly reference?: LanguageModel
}

/**
 * Policy and critic at the start of a run, or where it stopped. The model started from is never changed; what
 * they do not train of it they share.
 */
export function startingModels(
  start: LanguageModel,
  settings: PpoSettings,
  resume?: Snapshot,
  rewardModel?: RewardModel,
): PpoModels {
  const isShared = settings.critic === 'value-head'
  const valued =
    !isShared && settings.criticFrom === 'reward-model'
      ? criticFromRewardModel(start, rewardModel)
      : addValueHead(start)
  const policy = toTrain(isShared ? valued : start, settings, 'ppo', resume?.model)
  const critic = isShared ? policy : toTrain(valued, settings, 'critic')
  for (const [name, stored] of Object.entries(resume?.resume.tensors ?? {})) {
    if (name.startsWith(criticPrefix)) critic.parameters.view(name.slice(criticPrefix.length)).set(stored)
  }
  return { policy, critic }
}

const criticPrefix = 'critic-weights/'

/** What a policy's update reads: of the pretraining mix, too, where there is one. */
type PolicyBatch = PpoBatch & Partial<MixBatch>

export interface UpdateWeights {
  /** Share of their peaks that policy and critic step by. */
  readonly stepShare: number
  /** Only the critic learns; of a shared trunk only the head. */
  readonly isWarmingUp: boolean
  /** β in the unit of the advantages. */
  readonly klWeight: number
  /** Updates that the run may have made before this one. */
  readonly update?: number
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
  models: PpoModels,
  plan: LengthPlan,
  settings: PpoSettings,
  mix?: PretrainingMix,
): PpoUpdates {
  const { policy, critic } = models
  const { policyStep, criticStep, headStep } = openSteps(engine, models, settings)
  const steps: readonly (readonly [string, Pick<TrainStep, 'state' | 'restore' | 'dispose'>])[] = [
    ['policy', policyStep],
    ...(criticStep ? [['critic', criticStep] as const] : []),
    ...(headStep ? [['head', headStep] as const] : []),
  ]

  return {
    async apply(experience, how) {
      const batch = inParts(experience, plan, policy.config.vocabulary, how.klWeight)
      const learningRate = how.stepShare * settings.learningRate
      const ofCritic = batch.map(({ ids, mask, values, returns, share }) => ({
        ids,
        mask,
        values,
        returns,
        share,
      }))
      if (headStep && how.isWarmingUp) return headStep.update(ofCritic, learningRate)
      const read = mix?.at(how.update ?? 0, batch.length)
      const ofPolicy = read ? batch.map((part, index) => ({ ...part, ...read[index] })) : batch
      if (!criticStep) return policyStep.update(ofPolicy, learningRate)
      const criticRate = how.stepShare * settings.criticLearningRate
      const criticLosses = await criticStep.update(ofCritic, criticRate)
      if (how.isWarmingUp) return criticLosses
      return { ...(await policyStep.update(ofPolicy, learningRate)), value: criticLosses['value'] as number }
    },
    stored() {
      const optimizers = steps.map(([name, step]) => storedOptimizer(name, step))
      return {
        tensors: Object.assign(
          storedCritic(critic, policy === critic),
          ...optimizers.map(({ tensors }) => tensors),
        ),
        numbers: Object.assign({}, ...optimizers.map(({ numbers }) => numbers)),
      }
    },
    restore: (resume) =>
      steps
        .filter(([name]) => name !== 'head' || resume.step < settings.criticWarmup)
        .forEach(([name, step]) => restoreOptimizer(name, step, resume)),
    dispose: () => steps.forEach(([, step]) => step.dispose()),
  }
}

interface PpoSteps {
  readonly policyStep: TrainStep<PolicyBatch>
  /** Absent where policy and critic share the trunk: one step then trains both. */
  readonly criticStep?: TrainStep<CriticBatch>
  /** Where they share it: while the critic warms up, the head alone. What is frozen is not stepped. */
  readonly headStep?: TrainStep<CriticBatch>
}

function openSteps(engine: Engine, models: PpoModels, settings: PpoSettings): PpoSteps {
  const { policy, critic, reference } = models
  const isShared = policy === critic
  const policyStep = engine.trainStep<PolicyBatch>(
    withReference(policy.parameters, reference),
    (weights, batch) =>
      withPretraining(policyObjective(models, weights, batch, settings), batch, {
        weight: settings.ptxWeight,
        lossOf: (read) => nextTokenLoss(policy.config, weights, read),
      }),
    optimizerOf(settings),
  )
  if (isShared)
    return {
      policyStep,
      ...(settings.criticWarmup > 0 && { headStep: openHeadStep(engine, policy, settings) }),
    }
  const criticStep = engine.trainStep<CriticBatch>(
    critic.parameters,
    (weights, batch) => criticObjective(critic.config, weights, batch, settings),
    optimizerOf(settings),
  )
  return { policyStep, criticStep }
}

/** A step of the value head by itself, in memory of its own; after each the policy has it, too. */
function openHeadStep(
  engine: Engine,
  { config, parameters }: LanguageModel,
  settings: PpoSettings,
): TrainStep<CriticBatch> {
  const names = Object.keys(parameters.spec).filter(isOfHead)
  const head = allocate(Object.fromEntries(names.map((name) => [name, parameters.spec[name] ?? []])))
  for (const name of names) head.view(name).set(parameters.view(name))
  const step = engine.trainStep<CriticBatch>(
    overlay(parameters, head),
    (weights, batch) => criticObjective(config, weights, batch, settings),
    optimizerOf(settings),
  )
  return {
    ...step,
    async update(batch, learningRate) {
      const losses = await step.update(batch, learningRate)
      for (const name of names) parameters.view(name).set(head.view(name))
      return losses
    },
  }
}

function criticObjective(
  config: ModelConfig,
  weights: Weights,
  batch: CriticBatch,
  settings: PpoSettings,
): LossAndScalars {
  const loss = criticLoss(config, weights, batch, readStates(config, weights, batch.ids), settings)
  return ofWhole({ loss, value: loss }, batch)
}

/** The clipped surrogate, the exact KL where it is asked for, and the critic's loss where it shares the trunk. */
function policyObjective(
  models: PpoModels,
  weights: Weights,
  batch: PpoBatch,
  settings: PpoSettings,
): LossAndScalars {
  const { ids, mask } = batch
  const { config } = models.policy
  const states = readStates(config, weights, ids) // [rows, time, C]
  const said = saidOfTokens(models, weights, states, batch, settings)
  const { logProbs, entropy } = said // [rows, time]
  const ratio = probabilityRatio(logProbs, batch.logProbs, mask)
  const surrogate = policyLoss(ratio, batch.advantages, mask, settings.clipRange, settings.ratioLimit)
  const held = tf.add<tf.Scalar>(surrogate, klLoss(said, ratio, batch, settings))
  const objective = entropy
    ? tf.sub<tf.Scalar>(held, tf.mul(maskedMean(entropy, mask), settings.entropyBonus))
    : held
  const described = {
    policy: surrogate,
    clipFraction: clipFraction(ratio, mask, settings.clipRange),
    approximateKl: approximateKl(logProbs, batch.logProbs, mask),
  }
  const largest = { largestRatio: largestRatio(ratio) }
  if (models.policy !== models.critic)
    return { ...ofWhole({ loss: objective, ...described }, batch), ...largest }
  const value = criticLoss(config, weights, batch, states, settings)
  const loss = tf.add<tf.Scalar>(objective, tf.mul(value, settings.valueWeight))
  return { ...ofWhole({ loss, value, ...described }, batch), ...largest }
}

/** An objective, and beside it what is read of the pretraining mix where there is one. */
function withPretraining(
  objective: LossAndScalars,
  { pretrainIds: ids, pretrainMask: mask, pretrainTokens: tokens }: PolicyBatch,
  { weight, lossOf }: { readonly weight: number; readonly lossOf: (read: NextTokenBatch) => tf.Scalar },
): LossAndScalars {
  if (!ids || !mask || !tokens) return objective
  const pretraining = lossOf({ ids, mask, tokens })
  const loss = tf.add<tf.Scalar>(objective.loss, tf.mul(pretraining, weight))
  return { ...objective, loss, pretraining }
}

/** Means over the tokens of a part, as its share in those over the whole update. */
const ofWhole = ({ loss, ...means }: LossAndScalars, { share }: CriticBatch): LossAndScalars => ({
  loss: tf.mul(loss, share),
  ...Object.fromEntries(Object.entries(means).map(([name, mean]) => [name, tf.mul<tf.Scalar>(mean, share)])),
})

/** What the KL adds where it stands in the loss: nothing of the sampled one. */
function klLoss(
  { logProbs, kl }: SaidOfTokens,
  ratio: tf.Tensor,
  { referenceLogProbs, mask, klWeight }: PpoBatch,
  { klEstimator }: PpoSettings,
): tf.Scalar {
  const isSampled = klEstimator === 'k2' || klEstimator === 'k3'
  const each = isSampled ? klLosses[klEstimator](logProbs, referenceLogProbs, ratio) : kl
  return each ? tf.mul(maskedMean(each, mask), klWeight) : tf.scalar(0)
}

const criticLoss = (
  config: ModelConfig,
  weights: Weights,
  batch: CriticBatch,
  states: tf.Tensor3D,
  { valueClipRange }: PpoSettings,
): tf.Scalar =>
  valueLoss(values(config, weights, states), batch.values, batch.returns, batch.mask, valueClipRange)

const isOfHead = (name: string): boolean => name.startsWith('v_head.')

/** Copies of the critic's trained tensors: all, or the value head alone when the rest is the policy's. */
function storedCritic({ parameters }: LanguageModel, isShared: boolean): Record<string, Float32Array> {
  const names = Object.keys(trainedPart(parameters).spec).filter((name) => !isShared || isOfHead(name))
  return Object.fromEntries(names.map((name) => [criticPrefix + name, parameters.view(name).slice()]))
}
