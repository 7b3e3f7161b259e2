/** Direct preference optimization: a policy from preference pairs, without a reward model and without sampling. */
import { choice, integer, number, type Infer } from '../fields'
import type { Recipe } from './recipe'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields } from './training'

export const dpoFields = {
  loss: choice(['sigmoid', 'ipo'], {
    group: 'Objective',
    default: 'sigmoid',
    doc:
      'Sigmoid: −log σ of the implicit rewards’ difference (Rafailov et al. 2023, Eq. 7). IPO: the squared ' +
      'distance of the log-ratios’ difference from 1/2β, so that a pair that is told apart pulls no further ' +
      '(Azar et al. 2024, Eq. 17).',
  }),
  beta: number({
    group: 'Objective',
    default: 0.1,
    min: 0.001,
    max: 10,
    doc:
      'Strength of the pull to the reference policy: higher stays closer to it (Rafailov et al. 2023, Eq. 7; ' +
      'in IPO it is τ).',
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
    doc: 'Peak step size of AdamW. Rafailov et al. take 1e-6 for models of billions; small ones want more.',
  }),
  warmupUpdates: integer({
    group: 'Optimizer',
    default: 10,
    min: 0,
    max: 100_000,
    unit: 'updates',
    doc: 'Updates over which the step size rises to its peak.',
  }),
  finalLearningRateFraction: number({
    group: 'Optimizer',
    default: 0.1,
    min: 0,
    max: 1,
    doc: 'The cosine ends at this share of the peak.',
  }),
  ...optimizerFields,
  weightDecay: {
    ...optimizerFields.weightDecay,
    default: 0,
    doc: 'Decoupled decay of the weight matrices. Off: the reference already holds the policy where it started.',
  },
  ...trainedPartFields,
  ...dropoutField,
} as const

export type DpoSettings = Infer<typeof dpoFields>

export const dpo = {
  name: 'dpo',
  title: 'DPO',
  summary: 'pairs, no reward model',
  source: 'Rafailov et al. 2023; IPO: Azar et al. 2024',
  group: 'From preferences',
  runPrefix: 'dpo',
  makes: 'language-model',
  made: 'DPO',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Policy',
      doc: 'The fine-tuned model; a frozen copy of it is the reference.',
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
  fields: dpoFields,
  headline: 'accuracy/held-out',
  presets: [],
} as const satisfies Recipe
