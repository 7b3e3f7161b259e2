/** ORPO, SimPO, CPO, AlphaPO: a policy from preference pairs without a reference beside it. */
import { choice, integer, number, type Infer } from '../fields'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const referenceFreeFields = {
  loss: choice(['orpo', 'simpo', 'cpo', 'alphapo'], {
    group: 'Objective',
    default: 'orpo',
    doc:
      'ORPO compares the odds of both completions, SimPO their log-probabilities a token with a margin, CPO ' +
      'whole ones; AlphaPO bends SimPO’s so that unlikely completions are pushed less. Each wants its own ' +
      'beta and share of imitation: take its preset.',
  }),
  beta: number({
    group: 'Objective',
    default: 0.1,
    min: 0.001,
    max: 100,
    doc:
      'Weight of the odds in ORPO (λ, 0.1); in the others how sharply a lead counts: 2.5 in SimPO and AlphaPO, ' +
      '0.1 in CPO.',
  }),
  gamma: number({
    group: 'Objective',
    shownWhen: { loss: ['simpo', 'alphapo'] },
    default: 1.375,
    min: 0,
    max: 100,
    doc:
      'By how much beta times the lead should exceed 0. Meng et al. take about 0.55 · beta (1.375), Gupta et al. ' +
      '0.1 with AlphaPO.',
  }),
  alpha: number({
    group: 'Objective',
    shownWhen: { loss: 'alphapo' },
    default: 0.25,
    min: 0.001,
    max: 10,
    doc: 'How much AlphaPO bends: near 0 it is SimPO (Gupta et al. 2025, who take 0.25).',
  }),
  sftWeight: number({
    group: 'Objective',
    default: 1,
    min: 0,
    max: 100,
    doc:
      'Weight of imitating the chosen completion, −log π a token: 1 in ORPO and CPO, 0 in SimPO; SimPO with 1 is ' +
      'CPO-SimPO. Nothing else holds the policy to what it could write before.',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 3,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc: 'Passes over the pairs. A few are learned by heart soon: look at the held-out loss.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 20 },
  batchPairs: integer({
    group: 'Batch',
    default: 32,
    min: 1,
    max: 2048,
    unit: 'pairs',
    doc: 'Preference pairs of one update.',
  }),
  ...memoryFields,
  heldOutFraction: number({
    group: 'Batch',
    default: 0.1,
    min: 0,
    max: 0.5,
    doc: 'Share of the pairs that are never trained on and measure loss and accuracy.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 1e-4,
    min: 1e-8,
    max: 1,
    doc:
      'Peak step size of AdamW. Hong et al. take 5e-6 (ORPO), Meng et al. 1e-6 (SimPO) for models of ' +
      'billions; small ones want more.',
  }),
  ...scheduleFields,
  ...optimizerFields,
  weightDecay: { ...optimizerFields.weightDecay, default: 0 },
  ...longPromptsField,
  ...trainedPartFields,
  ...dropoutField,
} as const

export type ReferenceFreeSettings = Infer<typeof referenceFreeFields>

export const referenceFree = {
  name: 'reference-free',
  title: 'ORPO, SimPO, CPO',
  summary: 'pairs, no reference',
  source: 'Hong et al. 2024; Meng et al. 2024; Xu et al. 2024',
  group: 'From preferences',
  runPrefix: 'free',
  makes: 'language-model',
  made: 'reference-free',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Policy',
      doc: 'The fine-tuned model. Of ORPO it may as well be a pretrained one: it imitates, too.',
      kind: 'language-model',
      isMany: false,
      isRequired: true,
    },
    pairs: {
      type: 'dataset',
      label: 'Preference pairs',
      doc: 'Imported pairs, your own judgments, or both.',
      kinds: ['preferences'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion', 'rejected'],
      readBy: 'policy',
      promptsFit: true,
    },
  },
  fields: referenceFreeFields,
  headline: 'accuracy/held-out',
  presets: [
    {
      name: 'SimPO',
      doc: 'The published settings: beta 2.5, gamma 0.55 of it, no imitation.',
      settings: { loss: 'simpo', beta: 2.5, gamma: 1.375, sftWeight: 0 },
    },
    {
      name: 'CPO',
      doc: 'The published settings: beta 0.1 and as much imitation.',
      settings: { loss: 'cpo', beta: 0.1, sftWeight: 1 },
    },
    {
      name: 'CPO-SimPO',
      doc: 'SimPO that imitates the chosen completions, too, so that they do not become less likely.',
      settings: { loss: 'simpo', beta: 2.5, gamma: 1.375, sftWeight: 1 },
    },
    {
      name: 'AlphaPO',
      doc: 'The published settings: alpha 0.25, beta 2.5, gamma 0.1, no imitation.',
      settings: { loss: 'alphapo', beta: 2.5, gamma: 0.1, alpha: 0.25, sftWeight: 0 },
    },
  ],
} as const satisfies Recipe
