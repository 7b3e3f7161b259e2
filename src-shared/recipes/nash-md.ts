/** Nash-MD: a policy that is preferred to others, rather than one that has the highest reward. */
import { choice, number, type Infer } from '../fields'
import { grpoFields } from './grpo'
import { ppo, ppoFields } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const nashMdFields = {
  rewards: ppoFields.rewards,
  preference: choice(['bradley-terry', 'better'], {
    group: 'Rollouts',
    default: 'bradley-terry',
    doc:
      'How probably one answer is preferred. Bradley–Terry: σ of how much higher its reward is, as a reward ' +
      'model means it. Better: 1 or 0, where only which is higher can be trusted; equals are ½.',
  }),
  groups: {
    ...grpoFields.groups,
    default: 64,
    doc: 'Prompts of a rollout, each answered once by the policy and once by the mixture.',
  },
  mixture: number({
    group: 'Rollouts',
    default: 0.5,
    min: 0,
    max: 1,
    unit: 'of the reference',
    doc:
      'α: whom the policy’s answers are compared with, π^(1 − α) · π_ref^α. 0: itself; 1: the reference ' +
      '(Munos et al. 2024, §7, who find 0.125 best; TRL takes 0.5).',
  }),
  maxTokens: ppoFields.maxTokens,
  temperature: ppoFields.temperature,
  topK: ppoFields.topK,
  topP: ppoFields.topP,
  minP: ppoFields.minP,
  stop: ppoFields.stop,
  noEndPenalty: ppoFields.noEndPenalty,
  updates: grpoFields.updates,
  ...lengthFields,
  checkpointEvery: ppoFields.checkpointEvery,
  samplesEvery: ppoFields.samplesEvery,
  klBeta: {
    ...ppoFields.klBeta,
    doc:
      'τ, pull to the reference: τ · (log π − log π_ref) is taken from the preference (Munos et al. 2024, Eq. ' +
      '10). Higher stays closer.',
  },
  clipRange: ppoFields.clipRange,
  epochs: ppoFields.epochs,
  minibatches: { ...ppoFields.minibatches, default: 1, doc: grpoFields.minibatches.doc },
  accumulation: grpoFields.accumulation,
  learningRate: ppoFields.learningRate,
  warmupUpdates: ppoFields.warmupUpdates,
  finalLearningRateFraction: ppoFields.finalLearningRateFraction,
  ...optimizerFields,
  weightDecay: ppoFields.weightDecay,
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type NashMdSettings = Infer<typeof nashMdFields>

export const nashMd = {
  name: 'nash-md',
  title: 'Nash-MD',
  summary: 'preferred to others',
  source: 'Munos et al. 2024',
  group: 'With a reward',
  runPrefix: 'nash',
  makes: 'language-model',
  made: 'Nash-MD',
  inputs: {
    policy: ppo.inputs.policy,
    ...rewardModelInputs,
    prompts: { ...ppo.inputs.prompts, usualFor: [] },
  },
  fields: nashMdFields,
  headline: 'reward/preferred',
  presets: [
    { name: 'Nash-MD', doc: 'Against the even mixture with the reference (TRL’s setting).', settings: {} },
    { name: 'Self-play', doc: 'Against its own answers (Munos et al. 2024).', settings: { mixture: 0 } },
  ],
} as const satisfies Recipe
