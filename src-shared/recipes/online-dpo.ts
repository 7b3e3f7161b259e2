/** DPO on the policy's own completions, of which a reward says which is better; and XPO. */
import { choice, number, type Infer } from '../fields'
import { grpoFields } from './grpo'
import { ppo, ppoFields } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const onlineDpoFields = {
  rewards: ppoFields.rewards,
  groups: { ...grpoFields.groups, doc: 'Prompts of a rollout, each of which gives at most one pair.' },
  second: choice(['policy', 'reference'], {
    group: 'Rollouts',
    default: 'policy',
    doc:
      'Policy: all completions are its own (Guo et al. 2024, online DPO). Reference: one is its own and ' +
      'one the frozen reference’s, for which it pays to explore (Xie et al. 2024, XPO).',
  }),
  groupSize: {
    ...grpoFields.groupSize,
    shownWhen: { second: 'policy' },
    default: 2,
    min: 2,
    doc: 'Completions of one prompt: the best and the worst make its pair.',
  },
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
  loss: choice(['sigmoid', 'ipo'], {
    group: 'Objective',
    default: 'sigmoid',
    doc:
      'Sigmoid: −log σ(β · lead) (DPO). IPO: (lead − 1/2β)², which wants no more than so much of a lead ' +
      '(Azar et al. 2024).',
  }),
  beta: number({
    group: 'Objective',
    default: 0.1,
    min: 0.001,
    max: 10,
    doc: 'Pull to the reference. Higher stays closer (Rafailov et al. 2023, Eq. 7).',
  }),
  optimism: number({
    group: 'Objective',
    shownWhen: { second: 'reference' },
    default: 1e-3,
    min: 0,
    max: 1,
    doc:
      'XPO’s α: how much it pays to be unlike the reference’s completions, so that others are tried (Xie ' +
      'et al. 2024, Eq. 5). 0: none.',
  }),
  epochs: ppoFields.epochs,
  minibatches: ppoFields.minibatches,
  accumulation: grpoFields.accumulation,
  learningRate: ppoFields.learningRate,
  warmupUpdates: ppoFields.warmupUpdates,
  finalLearningRateFraction: ppoFields.finalLearningRateFraction,
  ...optimizerFields,
  weightDecay: ppoFields.weightDecay,
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type OnlineDpoSettings = Infer<typeof onlineDpoFields>

export const onlineDpo = {
  name: 'online-dpo',
  title: 'Online DPO',
  summary: 'judged pairs of its own',
  source: 'Guo et al. 2024; Xie et al. 2024 (XPO)',
  group: 'With a reward',
  runPrefix: 'odpo',
  makes: 'language-model',
  made: 'Online DPO',
  inputs: {
    policy: ppo.inputs.policy,
    ...rewardModelInputs,
    prompts: { ...ppo.inputs.prompts, usualFor: [] },
  },
  fields: onlineDpoFields,
  headline: 'reward/mean',
  presets: [
    { name: 'Online DPO', doc: 'Two completions a prompt (Guo et al. 2024).', settings: {} },
    {
      name: 'Best against worst',
      doc: 'Eight completions a prompt: the best is told from the worst.',
      settings: { groupSize: 8 },
    },
    {
      name: 'XPO',
      doc: 'Against the reference’s own completions, with a reward for exploring (Xie et al. 2024).',
      settings: { second: 'reference' },
    },
  ],
} as const satisfies Recipe
