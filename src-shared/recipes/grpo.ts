/**
 * Policy optimization without a critic: completions are compared with others of their prompt, or of their rollout.
 * GRPO and its kin (DAPO, Dr. GRPO, GSPO, CISPO, SAPO, RLOO, REINFORCE++ …) differ in four choices; each is a preset.
 */
import { choice, integer, number, type Infer } from '../fields'
import { grpoPresets } from './grpo-presets'
import { ppoFields, ppo } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const grpoFields = {
  rewards: ppoFields.rewards,
  groups: integer({
    group: 'Rollouts',
    default: 32,
    min: 1,
    max: 8192,
    unit: 'prompts a rollout',
    doc: 'Prompts of a rollout, each with its group of completions.',
  }),
  groupSize: integer({
    group: 'Rollouts',
    default: 8,
    min: 1,
    max: 1024,
    unit: 'completions a prompt',
    doc:
      'Completions of one prompt, compared with one another. More make a steadier mean; two are enough ' +
      'where they are many groups (2-GRPO).',
  }),
  maxTokens: ppoFields.maxTokens,
  temperature: ppoFields.temperature,
  topK: ppoFields.topK,
  topP: ppoFields.topP,
  minP: ppoFields.minP,
  stop: ppoFields.stop,
  noEndPenalty: ppoFields.noEndPenalty,
  cutTexts: choice(['learned', 'left-out'], {
    group: 'Rollouts',
    default: 'learned',
    doc:
      'Left out: completions that did not end within the limit teach nothing; where they stopped says ' +
      'nothing of how good they are (Yu et al. 2025, “DAPO”, §3.4).',
  }),
  dynamicSampling: choice(['off', 'on'], {
    group: 'Rollouts',
    default: 'off',
    doc:
      'On: groups of equal rewards, which teach nothing, are drawn again for other prompts, at most four ' +
      'times (Yu et al. 2025, “DAPO”, Eq. 11).',
  }),
  updates: { ...ppoFields.updates, doc: 'Rollouts of the run, each followed by its passes.' },
  ...lengthFields,
  checkpointEvery: ppoFields.checkpointEvery,
  samplesEvery: ppoFields.samplesEvery,
  advantage: choice(
    ['group', 'group-mean', 'leave-one-out', 'group-then-batch', 'batch', 'each-reward', 'none'],
    {
      group: 'Objective',
      default: 'group',
      doc:
        'What a reward is compared with. Group: mean and deviation of its group (GRPO). Group mean: ' +
        'without the deviation (Dr. GRPO). Leave one out: the mean of the others (RLOO). Group then ' +
        'batch: the group’s mean, then mean and deviation of the rollout’s tokens (REINFORCE++ with a ' +
        'baseline). Batch: those alone (REINFORCE++). Each reward: every reward normalised in its group, ' +
        'then added (GDPO). None: the reward itself (REINFORCE).',
    },
  ),
  importance: choice(['token', 'text-mean', 'text', 'cispo', 'sapo'], {
    group: 'Objective',
    default: 'token',
    doc:
      'How updates after a rollout’s first allow for a policy that has moved. Token: the ratio of each, ' +
      'clipped (PPO, GRPO). Text mean: one ratio a text, the mean of its tokens’ (GSPO). Text: that of ' +
      'the whole text (RLOO). CISPO: the weight is held, no token loses its gradient. SAPO: a soft gate ' +
      'instead of a clip.',
  }),
  clipLow: number({
    group: 'Objective',
    default: 0.2,
    min: 1e-5,
    max: 1,
    unit: 'ratio',
    doc:
      'A ratio earns nothing below 1 − this (Schulman et al. 2017, Eq. 7). GSPO’s texts need 3e-4. CISPO ' +
      'and SAPO do without.',
  }),
  clipHigh: number({
    group: 'Objective',
    default: 0.28,
    min: 1e-5,
    max: 100,
    unit: 'ratio',
    doc:
      'A ratio earns nothing above 1 + this: larger than the lower one, it leaves room for unlikely ' +
      'tokens (DAPO: 0.28). GSPO: 4e-4. CISPO holds its weight at 1 + this: 4. SAPO does without.',
  }),
  normalisation: choice(['rollout-tokens', 'text-mean', 'update-tokens', 'longest', 'texts'], {
    group: 'Objective',
    default: 'rollout-tokens',
    doc:
      'What a token counts. Rollout tokens: all the same (DAPO). Text mean: each text the same, so tokens ' +
      'of long ones less (GRPO). Update tokens: the same in each update (BNPO). Longest: divided by the ' +
      'longest there can be (Dr. GRPO). Texts: a text counts as many times as it has tokens (REINFORCE).',
  }),
  klBeta: {
    ...ppoFields.klBeta,
    doc:
      'Pull to the reference, β: how it pulls, KL form says. 0 lets the policy go wherever the reward ' +
      'sends it, with a learned reward soon beyond what the reward knows.',
  },
  klForm: choice(['reward', 'k2', 'k3'], {
    group: 'Objective',
    default: 'reward',
    doc:
      'Reward: β · (log π − log π_ref) is taken from the reward, which is the gradient of the KL itself. ' +
      'k2: half its square as a loss, the same gradient token by token. k3: as GRPO was published; its ' +
      'gradient is that of KL(π_ref ‖ π) (Schulman 2020; Liu et al. 2025).',
  }),
  epochs: ppoFields.epochs,
  minibatches: {
    ...ppoFields.minibatches,
    doc: 'Parts a pass is cut into, each one update. With one pass of one part nothing is ever clipped.',
  },
  accumulation: integer({
    group: 'Optimizer',
    default: 1,
    min: 1,
    max: 4096,
    unit: 'parts',
    doc:
      'Parts that an update is computed in, one after the other with their gradients added. The update is ' +
      'the same, the memory that of one part.',
  }),
  learningRate: ppoFields.learningRate,
  warmupUpdates: ppoFields.warmupUpdates,
  finalLearningRateFraction: ppoFields.finalLearningRateFraction,
  ...optimizerFields,
  weightDecay: ppoFields.weightDecay,
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type GrpoSettings = Infer<typeof grpoFields>

export const grpo = {
  name: 'grpo',
  title: 'GRPO and kin',
  summary: 'reward + KL, no critic',
  source: 'Shao et al. 2024; Yu et al. 2025; Ahmadian et al. 2024; Hu 2025',
  group: 'With a reward',
  runPrefix: 'grpo',
  makes: 'language-model',
  made: 'GRPO',
  inputs: {
    policy: ppo.inputs.policy,
    ...rewardModelInputs,
    prompts: { ...ppo.inputs.prompts, usualFor: [] },
  },
  fields: grpoFields,
  headline: 'reward/mean',
  presets: grpoPresets,
} as const satisfies Recipe
