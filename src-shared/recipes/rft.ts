/** Rejection fine-tuning: imitate the best of one's own completions, again and again. */
import { choice, integer, number, type Infer } from '../fields'
import { grpoFields } from './grpo'
import { ppo, ppoFields } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const rftFields = {
  rewards: ppoFields.rewards,
  groups: grpoFields.groups,
  groupSize: {
    ...grpoFields.groupSize,
    doc:
      'Completions of one prompt, of which the best are kept. More are a stronger teacher, and further ' +
      'away.',
  },
  maxTokens: ppoFields.maxTokens,
  temperature: ppoFields.temperature,
  topK: ppoFields.topK,
  topP: ppoFields.topP,
  minP: ppoFields.minP,
  stop: ppoFields.stop,
  noEndPenalty: ppoFields.noEndPenalty,
  keep: choice(['best-of-prompt', 'best-of-rollout'], {
    group: 'Rollouts',
    default: 'best-of-prompt',
    doc:
      'What is imitated. Best of prompt: the best completion of each, where they differ (Dong et al. ' +
      '2023, RAFT). Best of rollout: the best share of all, so that prompts answered well count more ' +
      '(Gulcehre et al. 2023, ReST).',
  }),
  keptShare: number({
    group: 'Rollouts',
    shownWhen: { keep: 'best-of-rollout' },
    default: 0.2,
    min: 0.001,
    max: 1,
    unit: 'of completions',
    doc:
      'The share of a rollout that is imitated, from the highest reward down; what has the lowest reward ' +
      'never is.',
  }),
  updates: {
    ...ppoFields.updates,
    doc: 'Rollouts of the run, each followed by its passes over what was kept.',
  },
  ...lengthFields,
  checkpointEvery: ppoFields.checkpointEvery,
  samplesEvery: ppoFields.samplesEvery,
  epochs: { ...ppoFields.epochs, doc: 'Passes over what was kept of each rollout.' },
  batchExamples: integer({
    group: 'Optimizer',
    default: 16,
    min: 1,
    max: 4096,
    unit: 'completions',
    doc: 'Kept completions of one update.',
  }),
  accumulation: grpoFields.accumulation,
  learningRate: ppoFields.learningRate,
  warmupUpdates: ppoFields.warmupUpdates,
  finalLearningRateFraction: ppoFields.finalLearningRateFraction,
  ...optimizerFields,
  weightDecay: ppoFields.weightDecay,
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type RftSettings = Infer<typeof rftFields>

export const rft = {
  name: 'rft',
  title: 'Rejection fine-tuning',
  summary: 'imitates its own best',
  source: 'Dong et al. 2023 (RAFT); Gulcehre et al. 2023 (ReST)',
  group: 'With a reward',
  runPrefix: 'rft',
  makes: 'language-model',
  made: 'RFT',
  inputs: {
    policy: { ...ppo.inputs.policy, doc: 'The fine-tuned model; KL is measured to a frozen copy of it.' },
    ...rewardModelInputs,
    prompts: { ...ppo.inputs.prompts, usualFor: [] },
  },
  fields: rftFields,
  headline: 'reward/mean',
  presets: [
    { name: 'RAFT', doc: 'The best of eight for each prompt (Dong et al. 2023).', settings: {} },
    {
      name: 'ReST',
      doc: 'The best fifth of each rollout, three passes (Gulcehre et al. 2023).',
      settings: { keep: 'best-of-rollout', epochs: 3 },
    },
  ],
} as const satisfies Recipe
