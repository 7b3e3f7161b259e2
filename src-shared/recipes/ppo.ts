/** Proximal policy optimization against a reward, held to a frozen reference. */
import { choice, integer, number, type Infer } from '../fields'
import { rewardModelInput } from '../rewards/reward-model'
import { needsCheckpoint } from '../rewards/terms'
import { ppoPresets } from './ppo-presets'
import { longPromptsField } from './long-prompts'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { ppoRewardFields, rolloutFields } from './rollout'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const ppoFields = {
  ...rolloutFields,
  ...ppoRewardFields,
  updates: integer({
    group: 'Length of the run',
    default: 46,
    min: 1,
    max: 1_000_000,
    unit: 'rollouts',
    doc: 'Rollouts of the run, each followed by its epochs.',
  }),
  ...lengthFields,
  checkpointEvery: { ...lengthFields.checkpointEvery, default: 20 },
  samplesEvery: { ...lengthFields.samplesEvery, default: 10 },
  klBeta: number({
    group: 'Objective',
    default: 0.05,
    min: 0,
    max: 10,
    doc:
      'Pull to the reference: β times the KL at each token is taken from the reward; how it is measured, the ' +
      'KL estimator says. Higher keeps the text English; lower lets the reward rise faster and be gamed ' +
      'sooner (Ziegler et al. 2019, §2.2).',
  }),
  klEstimator: choice(['exact', 'exact-drawn', 'sampled', 'k2', 'k3'], {
    group: 'Objective',
    default: 'exact',
    doc:
      'Exact: KL of the whole softmax at every visited token, with its own gradient; far less noise (Amini ' +
      'et al. 2025). Exact drawn: the same of the distribution drawn from, which under top-k is that of the ' +
      'allowed tokens. The others are of the drawn token alone, for vocabularies of many thousands, where the ' +
      'whole softmax takes more time: sampled, log π − log π_ref in the reward (Ziegler et al. 2019); ' +
      'k2, half its square, and k3 = π_ref/π − 1 + log π/π_ref (Schulman 2020), both in the loss.',
  }),
  klTarget: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'nats a text',
    doc: 'When above 0, β is steered so that KL settles here (Ziegler et al. 2019, §2.2); 0 keeps β fixed.',
  }),
  klHorizon: integer({
    group: 'Objective',
    default: 1000,
    min: 1,
    max: 10_000_000,
    unit: 'completions',
    doc:
      'Completions over which β moves by a fifth while KL is far from its target. Ziegler et al. use ' +
      '10,000 for runs a hundred times longer.',
  }),
  clipRange: number({
    group: 'Objective',
    default: 0.2,
    min: 0.01,
    max: 1,
    unit: 'ratio',
    doc: 'The probability ratio earns nothing beyond 1 ± this (Schulman et al. 2017, Eq. 7).',
  }),
  ratioLimit: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 1000,
    unit: 'ratio',
    doc:
      'Holds the ratio of tokens that did badly, which clipping leaves free to grow, at most at this (Ye et al. ' +
      '2020, Eq. 5, with 3). 0: free.',
  }),
  entropyBonus: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 1,
    doc: 'What a nat of entropy of the next token is worth (Schulman et al. 2017, Eq. 9). The KL does it better.',
  }),
  updateKl: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 10,
    unit: 'nats a token',
    doc:
      'A rollout is left as soon as an update finds the policy further from the one that wrote it than this ' +
      '(Spinning Up and Stable-Baselines3: 0.015). 0: all its passes are done.',
  }),
  ptxWeight: number({
    group: 'Objective',
    default: 0,
    min: 0,
    max: 1000,
    doc:
      'γ: weight of the next-token loss on the pretraining texts, read at each update, so that the policy forgets ' +
      'less (Ouyang et al. 2022, Eq. 2: 27.8 beside a sum over tokens; here it is a mean, and 1 is much). 0: none ' +
      'are read.',
  }),
  ptxExamples: integer({
    group: 'Optimizer',
    default: 16,
    min: 1,
    max: 4096,
    unit: 'texts',
    doc: 'Pretraining texts of one update (Ouyang et al. 2022: eight for each completion).',
  }),
  valueClipRange: number({
    group: 'Objective',
    default: 0.2,
    min: 0,
    max: 100,
    unit: 'return',
    doc:
      'Value predictions move at most this far a rollout (as in Stiennon et al. 2020 and TRL). 0: as far as they ' +
      'learn.',
  }),
  valueWeight: number({
    group: 'Objective',
    shownWhen: { critic: 'value-head' },
    default: 0.1,
    min: 0,
    max: 10,
    doc: 'Weight of the value loss beside the policy loss when they share a trunk.',
  }),
  gamma: number({
    group: 'Objective',
    default: 1,
    min: 0.5,
    max: 1,
    doc: 'Discount of later rewards (Schulman et al. 2016). 1: a text is judged as a whole.',
  }),
  lambda: number({
    group: 'Objective',
    default: 0.95,
    min: 0,
    max: 1,
    doc:
      'Generalized advantage estimation: 1 trusts returns, 0 trusts the critic (Schulman et al. 2016, Eq. ' +
      '16).',
  }),
  whitenAdvantages: choice(['on', 'off'], {
    group: 'Objective',
    default: 'on',
    doc: 'Advantages get mean 0 and deviation 1 over the real tokens of a rollout.',
  }),
  critic: choice(['separate', 'value-head'], {
    group: 'Objective',
    default: 'separate',
    doc:
      'Where returns are predicted: a separate model, which costs as much again, or a head on the policy’s ' +
      'own trunk, which pulls at what the policy reads with.',
  }),
  criticFrom: choice(['policy', 'reward-model'], {
    group: 'Objective',
    shownWhen: { critic: 'separate' },
    default: 'policy',
    doc:
      'What a separate critic starts as: the policy with values of 0, or the reward model, whose score of a ' +
      'text so far is a first guess (Stiennon et al. 2020, App. G.1).',
  }),
  criticWarmup: integer({
    group: 'Objective',
    default: 5,
    min: 0,
    max: 1_000_000,
    unit: 'rollouts',
    doc:
      'First rollouts, which teach the critic alone: a critic that knows nothing makes noise of the first ' +
      'advantages (Yuan et al. 2025).',
  }),
  criticLearningRate: number({
    group: 'Optimizer',
    shownWhen: { critic: 'separate' },
    default: 1e-3,
    min: 1e-8,
    max: 1,
    doc: 'Peak step size of a separate critic. A value head learns at the policy’s.',
  }),
  epochs: integer({
    group: 'Optimizer',
    default: 1,
    min: 1,
    max: 100,
    unit: 'a rollout',
    doc: 'Passes over each rollout.',
  }),
  minibatches: integer({
    group: 'Optimizer',
    default: 4,
    min: 1,
    max: 1024,
    unit: 'a pass',
    doc: 'Parts a pass is cut into, each one update.',
  }),
  learningRate: number({
    group: 'Optimizer',
    default: 2e-4,
    min: 1e-8,
    max: 1,
    doc: 'Peak step size of AdamW. 2e-4 suits a 0.8M model, about 1e-5 one of 100M.',
  }),
  warmupUpdates: integer({
    group: 'Optimizer',
    default: 2,
    min: 0,
    max: 100_000,
    unit: 'rollouts',
    doc: 'Rollouts over which the step size rises to its peak.',
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
    doc: 'Decoupled decay of the weight matrices. Off: the KL already holds the policy where it started.',
  },
  ...longPromptsField,
  ...trainedPartFields,
} as const

export type PpoSettings = Infer<typeof ppoFields>

/** Whether the KL is of whole distributions, for which the reference's logits are kept. */
export const isExactKl = (estimator: PpoSettings['klEstimator']): boolean => estimator.startsWith('exact')

export const ppo = {
  name: 'ppo',
  title: 'PPO',
  summary: 'reward + KL',
  source: 'Schulman et al. 2017, with a KL reward (Ziegler et al. 2019)',
  group: 'With a reward',
  runPrefix: 'ppo',
  makes: 'language-model',
  made: 'PPO',
  inputs: {
    policy: {
      type: 'checkpoint',
      label: 'Policy',
      doc: 'The fine-tuned model; a frozen copy of it is the reference.',
      kind: 'language-model',
      isMany: false,
      isRequired: true,
    },
    ...rewardModelInputs,
    rewardModel: {
      ...rewardModelInputs.rewardModel,
      usualFor: ['reward-model'],
      neededWhen: ({ rewards = '', critic, criticFrom }) =>
        needsCheckpoint(String(rewards), rewardModelInput(1)) ||
        (critic === 'separate' && criticFrom === 'reward-model'),
    },
    pretraining: {
      type: 'dataset',
      label: 'Pretraining texts',
      doc: 'Read at each update where the pretraining weight is above 0.',
      kinds: ['text', 'labelled', 'demonstrations'],
      usualFor: [],
      isMany: true,
      isRequired: false,
      neededWhen: ({ ptxWeight }) => Number(ptxWeight) > 0,
      whenMissing: 'Choose texts that the policy goes on reading, or set the pretraining weight to 0.',
      reads: ['prompt', 'completion'],
      readBy: 'policy',
      promptsFit: false,
    },
    prompts: {
      type: 'dataset',
      label: 'Prompts',
      doc: 'What completions are sampled for. Without any, texts start from nothing.',
      kinds: ['prompts', 'preferences', 'demonstrations'],
      usualFor: ['prompts'],
      isMany: true,
      isRequired: false,
      reads: ['prompt'],
      readBy: 'policy',
      promptsFit: true,
    },
  },
  fields: ppoFields,
  headline: 'reward/mean',
  presets: ppoPresets,
} as const satisfies Recipe
