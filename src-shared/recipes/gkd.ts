/** Distillation: a small model learns from the whole distributions of a larger one, on texts of its own too. */
import { choice, integer, number, type Infer } from '../fields'
import { ppo, ppoFields } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { sft } from './sft'
import { trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const gkdFields = {
  ownShare: number({
    group: 'Data',
    default: 0.5,
    min: 0,
    max: 1,
    unit: 'of updates',
    doc:
      'λ: share of the updates whose texts the policy itself writes, so that it learns what to do after its ' +
      'own mistakes. 1: all of them (Agarwal et al. 2024, Algorithm 1).',
  }),
  otherTexts: choice(['demonstrations', 'teacher'], {
    group: 'Data',
    default: 'demonstrations',
    doc:
      'Whose texts the other updates learn from: demonstrations, or what the teacher writes for the prompts ' +
      '(Kim & Rush 2016).',
  }),
  maxTokens: { ...ppoFields.maxTokens, doc: 'Longest completion. One that has not ended by then is cut.' },
  temperature: {
    ...ppoFields.temperature,
    group: 'Data',
    doc:
      'Divides the logits when texts are written. What is compared are the plain distributions, whatever it ' +
      'is.',
  },
  updates: integer({
    group: 'Length of the run',
    default: 200,
    min: 1,
    max: 1_000_000,
    unit: 'updates',
    doc: 'Updates of the run.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 50 },
  beta: number({
    group: 'Objective',
    default: 0.5,
    min: 0,
    max: 1,
    doc:
      'Which way policy and teacher are compared (Agarwal et al. 2024, Eq. 1). 0, KL(teacher ‖ policy): ' +
      'everything the teacher might write must be likely. 1, KL(policy ‖ teacher): only what it might write; ' +
      'a small model then keeps to what it can do. Between: Jensen–Shannon.',
  }),
  batchExamples: integer({
    group: 'Batch',
    default: 16,
    min: 1,
    max: 4096,
    unit: 'texts',
    doc: 'Texts of one update.',
  }),
  ...memoryFields,
  learningRate: ppoFields.learningRate,
  ...scheduleFields,
  ...optimizerFields,
  weightDecay: { ...optimizerFields.weightDecay, default: 0 },
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type GkdSettings = Infer<typeof gkdFields>

export const gkd = {
  name: 'gkd',
  title: 'Distillation',
  summary: 'from a larger model',
  source: 'Agarwal et al. 2024 (GKD)',
  group: 'From a teacher',
  runPrefix: 'gkd',
  makes: 'language-model',
  made: 'distilled',
  inputs: {
    policy: { ...ppo.inputs.policy, label: 'Start from', doc: 'The small model that learns.' },
    teacher: {
      type: 'checkpoint',
      label: 'Teacher',
      doc: 'The larger model it learns from, with the same tokens; never changed.',
      kind: 'language-model',
      isMany: false,
      isRequired: true,
    },
    demonstrations: {
      type: 'dataset',
      label: 'Demonstrations',
      doc: 'Texts of others, of which the teacher says what it would have written at each token.',
      kinds: sft.inputs.demonstrations.kinds,
      isMany: true,
      isRequired: false,
      reads: ['prompt', 'completion'],
      readBy: 'policy',
      promptsFit: true,
      neededWhen: ({ ownShare, otherTexts }) => Number(ownShare) < 1 && otherTexts === 'demonstrations',
      whenMissing: 'Choose demonstrations, or let the teacher write the other texts (--other-texts teacher).',
    },
    prompts: {
      ...ppo.inputs.prompts,
      doc: 'What policy and teacher write completions for. Without any, those of the demonstrations.',
      usualFor: [],
    },
  },
  fields: gkdFields,
  headline: 'loss/train',
  presets: [
    { name: 'GKD', doc: 'Half demonstrations, half its own texts (Agarwal et al. 2024).', settings: {} },
    {
      name: 'On-policy distillation',
      doc: 'Its own texts alone, KL(policy ‖ teacher) at every token (Lu et al. 2025).',
      settings: { ownShare: 1, beta: 1 },
    },
    {
      name: 'From the teacher’s texts',
      doc: 'What the teacher writes for the prompts, with its whole distributions; needs prompts alone.',
      settings: { ownShare: 0, otherTexts: 'teacher', beta: 0 },
    },
    {
      name: 'Classic',
      doc: 'Demonstrations and the teacher’s distributions over them (Hinton et al. 2015).',
      settings: { ownShare: 0, beta: 0 },
    },
  ],
} as const satisfies Recipe
