/** Proximal policy optimization against a reward, held to a frozen reference. */
import { choice, integer, number, text, type Infer } from '../fields'
import { rewardsProblem } from '../rewards/terms'
import type { Recipe } from './recipe'
import { rewardModelInputs } from './reward-model-inputs'
import { trainedPartFields } from './trained-part'
import { lengthFields, optimizerFields } from './training'

export const ppoFields = {
  rewards: text({
    group: 'Rollouts',
    default: 'reward-model + 0 * wink',
    check: rewardsProblem,
    lists: 'rewards',
    doc:
      'What scores a completion: a sum of rewards, each with a weight that is 1 when not said. One of ' +
      'weight 0 trains nothing and is watched: when it falls while the reward rises, the reward is gamed.',
  }),
  completions: integer({
    group: 'Rollouts',
    default: 256,
    min: 2,
    max: 8192,
    unit: 'a rollout',
    doc: 'Completions sampled before each round of updates.',
  }),
  maxTokens: integer({
    group: 'Rollouts',
    default: 64,
    min: 1,
    max: 4096,
    unit: 'tokens',
    doc: 'Longest completion. One that has not ended by then is cut and pays the no-end penalty.',
  }),
  temperature: number({
    group: 'Rollouts',
    default: 1,
    min: 0.1,
    max: 5,
    doc: 'Divides the logits before sampling. Log-probabilities are of the distribution sampled.',
  }),
  topK: integer({
    group: 'Rollouts',
    default: 0,
    min: 0,
    max: 100_000,
    unit: 'tokens',
    doc: 'Samples from the k likeliest tokens; 0 is off. Log-probabilities are taken over the same tokens.',
  }),
  noEndPenalty: number({
    group: 'Rollouts',
    default: 0.02,
    min: 0,
    max: 100,
    unit: 'reward',
    doc:
      'Taken from the reward of a completion that did not write its end token. Higher makes texts end ' +
      'sooner and so shorter: where four of ten are cut, 1 outweighs the reward itself.',
  }),
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
      'whole softmax takes too much memory: sampled, log π − log π_ref in the reward (Ziegler et al. 2019); ' +
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
  valueClipRange: number({
    group: 'Objective',
    default: 0.2,
    min: 0.01,
    max: 100,
    unit: 'return',
    doc: 'Value predictions move at most this far a rollout (as in Stiennon et al. 2020 and TRL).',
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
    rewardModel: { ...rewardModelInputs.rewardModel, usualFor: ['reward-model'] },
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
  presets: [
    {
      name: 'HappyGPT, lexicon',
      doc: 'The policy learns to write happy sentences by VADER’s word list.',
      settings: { rewards: 'lexicon + 0 * wink', topK: 30 },
    },
    {
      name: 'HappyGPT, reward model',
      doc: 'The same against a trained reward model.',
      settings: { topK: 30, klBeta: 0.3 },
    },
    {
      name: 'Careful',
      doc: 'A stronger pull to the reference and smaller steps.',
      settings: { klBeta: 0.2, learningRate: 1e-4, epochs: 2 },
    },
    {
      name: 'A2C',
      doc:
        'One update a rollout, policy and critic on one trunk: nothing is ever clipped, and PPO is A2C (Huang et al. ' +
        '2022).',
      settings: { critic: 'value-head', epochs: 1, minibatches: 1, whitenAdvantages: 'off' },
    },
  ],
} as const satisfies Recipe
