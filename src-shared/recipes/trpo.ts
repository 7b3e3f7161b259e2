/** Trust-region policy optimization: the largest step that keeps the policy within a KL of the last one. */
import { integer, number, type Infer } from '../fields'
import { grpoFields } from './grpo'
import { ppo, ppoFields } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields } from './training'

export const trpoFields = {
  rewards: ppoFields.rewards,
  groups: grpoFields.groups,
  groupSize: grpoFields.groupSize,
  maxTokens: ppoFields.maxTokens,
  temperature: ppoFields.temperature,
  stop: ppoFields.stop,
  noEndPenalty: ppoFields.noEndPenalty,
  updates: { ...ppoFields.updates, doc: 'Rollouts of the run, each followed by one step.' },
  ...lengthFields,
  checkpointEvery: ppoFields.checkpointEvery,
  samplesEvery: ppoFields.samplesEvery,
  advantage: grpoFields.advantage,
  klBeta: {
    ...ppoFields.klBeta,
    doc: 'Pull to the reference: β · (log π − log π_ref) is taken from the reward. The trust region is another KL.',
  },
  trustRegion: number({
    group: 'Objective',
    default: 0.01,
    min: 1e-6,
    max: 1,
    unit: 'nats a token',
    doc: 'δ: how far one step may take the policy, KL(π_old ‖ π) (Schulman et al. 2015, Eq. 14; 0.01 there).',
  }),
  solverSteps: integer({
    group: 'Optimizer',
    default: 10,
    min: 1,
    max: 100,
    unit: 'products',
    doc: 'Steps of the conjugate gradient that finds the direction (App. C.1: 10). Each reads the rollout thrice.',
  }),
  damping: number({
    group: 'Optimizer',
    default: 0.1,
    min: 0,
    max: 10,
    doc: 'Added to the Fisher matrix’s diagonal, so that directions it does not see stay small.',
  }),
  lineSearch: integer({
    group: 'Optimizer',
    default: 10,
    min: 1,
    max: 100,
    unit: 'tries',
    doc: 'Steps that are tried, each 0.8 of the last, until one gains and stays within the trust region.',
  }),
  accumulation: grpoFields.accumulation,
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type TrpoSettings = Infer<typeof trpoFields>

export const trpo = {
  name: 'trpo',
  title: 'TRPO',
  summary: 'within a trust region',
  source: 'Schulman et al. 2015',
  group: 'With a reward',
  runPrefix: 'trpo',
  makes: 'language-model',
  made: 'TRPO',
  inputs: {
    policy: ppo.inputs.policy,
    ...rewardModelInputs,
    prompts: { ...ppo.inputs.prompts, usualFor: [] },
  },
  fields: trpoFields,
  headline: 'reward/mean',
  presets: [{ name: 'TRPO', doc: 'As published, with groups in place of a critic.', settings: {} }],
} as const satisfies Recipe
