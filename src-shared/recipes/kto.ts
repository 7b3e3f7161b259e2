/** KTO and its kin: a policy from completions that were called good or bad, one by one. */
import { choice, integer, number, type Infer } from '../fields'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const ktoFields = {
  goodFrom: number({
    group: 'Data',
    default: 1,
    min: -1000,
    max: 1000,
    doc:
      'A text whose label is at least this is good, any other bad: 1 for labels of 0 and 1, 4 for stars. Of a ' +
      'preference pair the chosen completion is good and the rejected one bad, whatever stands here.',
  }),
  loss: choice(['kto', 'bco', 'apo-zero'], {
    group: 'Objective',
    default: 'kto',
    doc:
      'What a reward is compared with. KTO: how far the policy has come from its reference in general, so that ' +
      'a text must gain more than others do. BCO: the middle between good and bad rewards so far, with a ' +
      'logistic loss. APO zero: nothing.',
  }),
  beta: number({
    group: 'Objective',
    default: 0.1,
    min: 0.001,
    max: 10,
    doc:
      'Strength of the pull to the reference policy: higher stays closer to it (0.1 in Ethayarajh et al. 2024; ' +
      '0.01 in Jung et al. 2024).',
  }),
  goodWeight: number({
    group: 'Objective',
    default: 1,
    min: 0,
    max: 100,
    doc:
      'Weight of good texts (λ of desirable ones). Ethayarajh et al. keep weight × number of good ones between ' +
      '1 and 1.33 times that of bad ones, or the other way.',
  }),
  badWeight: number({
    group: 'Objective',
    default: 1,
    min: 0,
    max: 100,
    doc: 'Weight of bad texts (λ of undesirable ones).',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 3,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc: 'Passes over the texts. A few are learned by heart soon: look at the held-out loss.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 20 },
  batchExamples: integer({
    group: 'Batch',
    default: 32,
    min: 2,
    max: 4096,
    unit: 'texts',
    doc: 'Texts of one update; of a preference pair there are two. z₀ is measured on them: the fewer, the rougher.',
  }),
  ...memoryFields,
  heldOutFraction: number({
    group: 'Batch',
    default: 0.1,
    min: 0,
    max: 0.5,
    doc: 'Share of the texts that are never trained on and measure loss and accuracy.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 1e-4,
    min: 1e-8,
    max: 1,
    doc: 'Peak step size of AdamW. Ethayarajh et al. take 1e-6 to 5e-6 for models of billions; small ones want more.',
  }),
  ...scheduleFields,
  ...optimizerFields,
  weightDecay: {
    ...optimizerFields.weightDecay,
    default: 0,
    doc: 'Decoupled decay of the weight matrices. Off: the reference already holds the policy where it started.',
  },
  ...longPromptsField,
  ...trainedPartFields,
  ...dropoutField,
} as const

export type KtoSettings = Infer<typeof ktoFields>

export const kto = {
  name: 'kto',
  title: 'KTO',
  summary: 'good and bad texts, no pairs',
  source: 'Ethayarajh et al. 2024; BCO: Jung et al. 2024',
  group: 'From preferences',
  runPrefix: 'kto',
  makes: 'language-model',
  made: 'KTO',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Policy',
      doc: 'The fine-tuned model; a frozen copy of it is the reference.',
      kind: 'language-model',
      isMany: false,
      isRequired: true,
    },
    examples: {
      type: 'dataset',
      label: 'Good and bad texts',
      doc: 'Texts or completions with a label each; preference pairs, too: the chosen one is good.',
      kinds: ['labelled', 'demonstrations', 'preferences'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion', 'rejected'],
      readBy: 'policy',
      promptsFit: true,
    },
  },
  fields: ktoFields,
  headline: 'accuracy/held-out',
  presets: [],
} as const satisfies Recipe
