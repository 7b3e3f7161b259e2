/** Implicit language Q-learning: from texts with a rating each, without writing any, to a policy better than theirs. */
import { choice, integer, number, type Infer } from '../fields'
import { ppo } from './ppo'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

export const ilqlFields = {
  guidance: number({
    group: 'Writing',
    default: 1,
    min: 0,
    max: 1000,
    doc:
      'β: how much of Q − V is added to the log-probabilities when it writes (Snell et al. 2023, §4.3). 0: it ' +
      'writes what the texts do. It becomes part of the model that is kept.',
  }),
  ratings: choice(['standardised', 'as-given'], {
    group: 'Data',
    default: 'standardised',
    doc: 'Standardised: ratings get mean 0 and deviation 1 over the dataset, so that Q is in deviations.',
  }),
  tau: number({
    group: 'Objective',
    default: 0.7,
    min: 0.5,
    max: 0.999,
    doc: 'Expectile of V: ½ is the mean of what was seen, near 1 its best (Kostrikov et al. 2022, Eq. 5).',
  }),
  gamma: number({
    group: 'Objective',
    default: 0.99,
    min: 0.5,
    max: 1,
    doc: 'Discount of later rewards: below 1 a rating that is reached sooner is worth more.',
  }),
  cqlWeight: number({
    group: 'Objective',
    default: 0.1,
    min: 0,
    max: 100,
    doc: 'Holds Q down for tokens that the data does not show (Kumar et al. 2020).',
  }),
  imitationWeight: number({
    group: 'Objective',
    default: 1,
    min: 0,
    max: 100,
    doc: 'Weight of imitating the texts, beside which Q is learned.',
  }),
  imitationBeta: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 100,
    doc: 'Imitates what did well more, by e^(β(Q − V)) (Nair et al. 2020, AWAC). 0: all alike.',
  }),
  targetShare: number({
    group: 'Objective',
    default: 0.1,
    min: 0,
    max: 1,
    unit: 'of the new',
    isMinExcluded: true,
    doc: 'How far the Q that V learns from moves to the newest at a time (Polyak averaging).',
  }),
  targetEvery: integer({
    group: 'Objective',
    default: 5,
    min: 1,
    max: 10_000,
    unit: 'updates',
    doc: 'Updates between two such moves.',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 8,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc: 'Passes over the rated texts.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 50 },
  batchExamples: integer({
    group: 'Batch',
    default: 64,
    min: 1,
    max: 4096,
    unit: 'texts',
    doc: 'Rated texts of one update.',
  }),
  ...memoryFields,
  learningRate: number({
    group: 'Optimizer',
    default: 2e-4,
    min: 1e-8,
    max: 1,
    doc: 'Peak step size of AdamW. 2e-4 suits small models (trlX), about 1e-5 one of 100M.',
  }),
  ...scheduleFields,
  ...longPromptsField,
  ...optimizerFields,
  weightDecay: { ...optimizerFields.weightDecay, default: 0 },
} as const

export type IlqlSettings = Infer<typeof ilqlFields>

export const ilql = {
  name: 'ilql',
  title: 'ILQL',
  summary: 'rated texts, offline',
  source: 'Snell et al. 2023',
  group: 'From ratings',
  runPrefix: 'ilql',
  makes: 'language-model',
  made: 'ILQL',
  inputs: {
    policy: { ...ppo.inputs.policy, label: 'Start from', doc: 'The fine-tuned model.' },
    examples: {
      type: 'dataset',
      label: 'Rated texts',
      doc: 'Completions with a number each: the higher the better.',
      kinds: ['labelled', 'demonstrations'],
      isMany: true,
      isRequired: true,
      reads: ['prompt', 'completion'],
      readBy: 'policy',
      promptsFit: true,
    },
  },
  fields: ilqlFields,
  headline: 'loss/train',
  presets: [
    { name: 'ILQL', doc: 'As in trlX, and writing with β 1.', settings: {} },
    {
      name: 'Steeper',
      doc: 'V near the best of what was seen, and writing with β 4.',
      settings: { tau: 0.9, guidance: 4 },
    },
  ],
} as const satisfies Recipe
