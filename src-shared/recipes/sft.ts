/** Supervised fine-tuning on demonstrations. */
import { choice, integer, number, type Infer } from '../fields'
import { plainFormNames } from '../plain-forms'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const sftFields = {
  label: choice(['all', '1', '0'], {
    group: 'Data',
    default: 'all',
    doc: 'Which rows of a labelled dataset are demonstrations: all, or only those with this label.',
  }),
  trainOn: choice(['completion', 'prompt-and-completion'], {
    group: 'Data',
    default: 'completion',
    doc: 'Where the loss is taken. On the completion alone the prompt is read but not learned.',
  }),
  turns: choice(['all', 'last'], {
    group: 'Data',
    shownWhen: { trainOn: 'completion' },
    default: 'all',
    doc: 'What of a conversation is learned: all that the assistant says in it, or its last turn alone.',
  }),
  plainForm: choice(['kept', ...plainFormNames], {
    group: 'Data',
    default: 'kept',
    doc:
      'How turns are written for a model without a chat template, which keeps the form: hh-rlhf’s transcript ' +
      '(also where it has none yet), Alpaca’s headings, or lines that begin with who speaks.',
  }),
  embeddingNoise: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 100,
    doc:
      'NEFTune’s α: noise on the embeddings while it learns, so that few demonstrations are learned less by heart ' +
      '(Jain et al. 2023 take 5 to 15). 0 is off.',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 8,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc: 'Passes over the demonstrations. Many passes copy them: look at “copied” beside the reward.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 20 },
  batchExamples: integer({
    group: 'Batch',
    default: 64,
    min: 1,
    max: 4096,
    unit: 'examples',
    doc: 'Demonstrations of one update.',
  }),
  ...memoryFields,
  heldOutFraction: number({
    group: 'Batch',
    default: 0.05,
    min: 0,
    max: 0.5,
    doc: 'Share of the demonstrations that are never trained on and measure the held-out loss.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 1e-3,
    min: 1e-8,
    max: 1,
    doc:
      'Peak step size of AdamW. 1e-3 with a cosine suits a 0.8M model (minRLHF: 3e-4, constant); a 124M ' +
      'model wants about 2e-5.',
  }),
  ...scheduleFields,
  ...optimizerFields,
  ...longPromptsField,
  ...trainedPartFields,
  ...dropoutField,
} as const

export type SftSettings = Infer<typeof sftFields>

export const sft = {
  name: 'sft',
  title: 'Fine-tune (SFT)',
  summary: 'demonstrations',
  source: 'Ouyang et al. 2022, §3.5',
  group: 'From text',
  runPrefix: 'sft',
  makes: 'language-model',
  made: 'fine-tuned',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Start from',
      doc: 'The pretrained model.',
      kind: 'language-model',
      usualFor: ['language-model'],
      isMany: false,
      isRequired: true,
    },
    demonstrations: {
      type: 'dataset',
      label: 'Demonstrations',
      doc: 'What it should write.',
      kinds: ['demonstrations', 'labelled', 'text'],
      usualFor: ['demonstrations', 'labelled'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion'],
      readBy: 'policy',
      promptsFit: true,
      labelFrom: 'label',
    },
  },
  fields: sftFields,
  headline: 'loss/train',
  presets: [{ name: 'HappyGPT', doc: 'Eight passes over the positive sentences.', settings: { label: '1' } }],
} as const satisfies Recipe
