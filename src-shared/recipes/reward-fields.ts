/** The settings of a reward model. */
import { choice, integer, number, type Infer } from '../fields'
import { dropoutField, trainedPartFields } from './trained-part'
import { lengthFields, memoryFields, optimizerFields, scheduleFields } from './training'

/** What says which of two is better. */
const preferred = ['preferences', 'rankings'] as const

export const rewardFields = {
  learnFrom: choice(['preferences', 'rankings', 'ratings', 'steps'], {
    group: 'Data',
    default: 'preferences',
    doc:
      'Preferences: pairs of which one is better, each by itself. Rankings: all that is said of a prompt’s ' +
      'completions, together: each is read once, and all pairs weigh as much as one (Ouyang et al. 2022, Eq. 1). ' +
      'Ratings: texts with a number each, which the score is to be. Steps: solutions with a label a step, right or ' +
      'wrong (a process reward model; Lightman et al. 2023).',
  }),
  stepsJoined: choice(['product', 'least'], {
    group: 'Objective',
    shownWhen: { learnFrom: 'steps' },
    default: 'product',
    doc:
      'How the steps make a text’s score: the product of their probabilities of being right, that all are; or the ' +
      'least of them, which does not fall with the number of steps.',
  }),
  rankingSize: integer({
    group: 'Data',
    shownWhen: { learnFrom: 'rankings' },
    default: 9,
    min: 2,
    max: 64,
    unit: 'completions',
    doc:
      'Of one ranking, at most; a prompt with more of them has several rankings. Ouyang et al. rank 4 to 9. All of a ' +
      'ranking are in memory at once.',
  }),
  readPrompt: choice(['with-prompt', 'completion-only'], {
    group: 'Data',
    default: 'with-prompt',
    doc:
      'Whether the model reads the prompt before the completion. Without it more of a long completion fits ' +
      'the context.',
  }),
  epochs: integer({
    group: 'Length of the run',
    default: 3,
    min: 1,
    max: 1000,
    unit: 'epochs',
    doc:
      'Passes over the pairs. A thousand pairs are learned by heart after three or four: look at the ' +
      'held-out loss.',
  }),
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 50 },
  measureEvery: integer({
    group: 'Length of the run',
    default: 10,
    min: 1,
    max: 1_000_000,
    unit: 'updates',
    doc: 'Updates between two measurements on the held-out pairs; the end is always measured.',
  }),
  seed: lengthFields.seed,
  batchPairs: integer({
    group: 'Batch',
    default: 32,
    min: 1,
    max: 2048,
    unit: 'pairs',
    doc: 'Preference pairs, or rankings, of one update; of rated texts twice as many.',
  }),
  ...memoryFields,
  heldOutFraction: number({
    group: 'Batch',
    default: 0.1,
    min: 0,
    max: 0.5,
    doc: 'Share of the pairs that are never trained on and measure the held-out accuracy.',
  }),
  head: choice(['scalar', 'binned'], {
    group: 'Objective',
    default: 'scalar',
    doc:
      'Scalar: the score is one number; of ratings it learns by squared error. Binned: the score is the ' +
      'mean of a distribution over bins, which it learns from ratings by cross-entropy: steadier than ' +
      'squared error (Farebrother et al. 2024).',
  }),
  bins: integer({
    group: 'Objective',
    shownWhen: { head: 'binned' },
    default: 5,
    min: 2,
    max: 101,
    unit: 'bins',
    doc: 'Of a binned head, evenly from the lowest rating to the highest.',
  }),
  binTarget: choice(['hl-gauss', 'one-hot'], {
    group: 'Objective',
    shownWhen: { head: 'binned' },
    default: 'hl-gauss',
    doc:
      'What a binned head learns of a rating: a bell curve over the bins around it (Imani & White 2018), ' +
      'or its own bin alone.',
  }),
  heads: integer({
    group: 'Objective',
    shownWhen: { head: 'scalar', learnFrom: [...preferred, 'ratings'] },
    default: 1,
    min: 1,
    max: 32,
    unit: 'heads',
    doc:
      'Above 1 an ensemble: each head begins otherwise and learns from its own draw of the data, all on one trunk. ' +
      'The score is their mean less what they differ, so that a policy gains less where they only guess.',
  }),
  caution: number({
    group: 'Objective',
    shownWhen: { head: 'scalar', learnFrom: [...preferred, 'ratings'] },
    default: 1,
    min: 0,
    max: 100,
    doc: 'Of several heads: how many of their deviations are taken off their mean. 0 is the mean alone.',
  }),
  segments: choice(['off', 'on'], {
    group: 'Objective',
    default: 'off',
    doc:
      'Whether the model is told which tokens are the prompt’s and which the completion’s, by a learned ' +
      'vector added to each (PaLM-rlhf-pytorch).',
  }),
  compareAt: choice(['end', 'each-token'], {
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 'end',
    doc:
      'Where two scores are compared: at the end of both texts, or at each token from the first that differs, mean ' +
      'over tokens (trlx’s summarize_rlhf, DeepSpeed-Chat): a model that knows early, and scores cut texts.',
  }),
  centering: number({
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 0.01,
    min: 0,
    max: 10,
    doc:
      'Of preferences: weight of (r⁺ + r⁻)², which keeps scores around 0 (Eisenstein et al. 2023). 0 is ' +
      'off.',
  }),
  margin: number({
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 1,
    min: 0,
    max: 10,
    doc:
      'Of preferences: by how much the chosen score should lead. A pair of which a person said “slightly ' +
      'better” asks for a third of it, one with a number in its file for that much of it, every other pair for ' +
      'all of it (Touvron et al. 2023, Eq. 2). 1 are the smaller margins of Llama 2, so that what was said is ' +
      'used; 0 treats all pairs alike.',
  }),
  sizePenalty: number({
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 0,
    min: 0,
    max: 10,
    doc:
      'Of preferences: weight of ½ (r⁺² + r⁻²), which keeps scores small (Open-Assistant takes 0.001). 0 is ' +
      'off.',
  }),
  zeroMean: choice(['off', 'on'], {
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 'off',
    doc:
      'Whether the head’s bias is moved after the last update so that the mean score of the pairs is 0 (minRLHF): ' +
      'a reward above 0 is then better than the data.',
  }),
  cutFraction: number({
    group: 'Objective',
    shownWhen: { learnFrom: preferred },
    default: 0,
    min: 0,
    max: 1,
    doc:
      'Share of the pairs that it learns cut, both completions after as many tokens and without an end. A policy ' +
      'whose texts are cut at its limit is scored on such; 0.2 where that happens often.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 1e-3,
    min: 1e-8,
    max: 1,
    doc: 'Peak step size of AdamW. 1e-3 suits a 0.8M model on a thousand pairs, about 1e-5 one of 100M.',
  }),
  ...scheduleFields,
  ...optimizerFields,
  ...trainedPartFields,
  ...dropoutField,
} as const

export type RewardSettings = Infer<typeof rewardFields>
