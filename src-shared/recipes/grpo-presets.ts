/** Published ways of learning without a critic, each as its paper has it where the paper says. */
import type { Preset } from './recipe'

export const grpoPresets: readonly Preset[] = [
  {
    name: 'GRPO, as published',
    doc: 'Each text counts the same, k3 as a loss with β 0.04 (Shao et al. 2024).',
    settings: { normalisation: 'text-mean', clipHigh: 0.2, klForm: 'k3', klBeta: 0.04 },
  },
  {
    name: '2-GRPO',
    doc: 'Groups of two, four times as many (Wu et al. 2025): as many completions for more prompts.',
    settings: { groups: 128, groupSize: 2 },
  },
  {
    name: 'DAPO',
    doc:
      'No KL, groups of equal rewards drawn again, cut texts left out (Yu et al. 2025). For rewards that ' +
      'cannot be gamed.',
    settings: { klBeta: 0, dynamicSampling: 'on', cutTexts: 'left-out' },
  },
  {
    name: 'Dr. GRPO',
    doc: 'Neither a group’s deviation nor a text’s length changes what a token counts (Liu et al. 2025).',
    settings: { advantage: 'group-mean', normalisation: 'longest', clipHigh: 0.2, klBeta: 0 },
  },
  {
    name: 'BNPO',
    doc: 'A token counts the same within its update.',
    settings: { normalisation: 'update-tokens', clipHigh: 0.2 },
  },
  {
    name: 'GDPO',
    doc: 'Several rewards, each normalised in its group before they are added.',
    settings: { advantage: 'each-reward' },
  },
  {
    name: 'GSPO',
    doc: 'One ratio a text, clipped narrowly; four updates a rollout (Zheng et al. 2025).',
    settings: { importance: 'text-mean', normalisation: 'text-mean', clipLow: 3e-4, clipHigh: 4e-4 },
  },
  {
    name: 'CISPO',
    doc: 'The weight of a token is held at 5 and never takes its gradient (MiniMax 2025).',
    settings: { importance: 'cispo', clipHigh: 4 },
  },
  {
    name: 'SAPO',
    doc: 'A soft gate instead of a clip (Gao et al. 2025).',
    settings: { importance: 'sapo', normalisation: 'text-mean' },
  },
  {
    name: 'RLOO',
    doc: 'Above the mean of the others, by the whole text’s ratio (Ahmadian et al. 2024).',
    settings: {
      advantage: 'leave-one-out',
      importance: 'text',
      normalisation: 'text-mean',
      clipHigh: 0.2,
      groups: 64,
      groupSize: 4,
    },
  },
  {
    name: 'REINFORCE',
    doc: 'The plain policy gradient: a text’s reward times the gradient of its likelihood (Williams 1992).',
    settings: { advantage: 'none', normalisation: 'texts', groups: 256, groupSize: 1, minibatches: 1 },
  },
  {
    name: 'REINFORCE++',
    doc: 'The KL at every token, advantages normalised over the rollout (Hu 2025).',
    settings: { advantage: 'batch', clipHigh: 0.2, groups: 256, groupSize: 1, klBeta: 0.01 },
  },
  {
    name: 'REINFORCE++ with a baseline',
    doc: 'The same above the mean of the group: for rewards that are right or wrong (Hu 2025).',
    settings: { advantage: 'group-then-batch', clipHigh: 0.2, klBeta: 0.01 },
  },
  {
    name: 'HappyGPT, as minRLHF’s policy gradient',
    doc: 'A hundred rollouts of 32, one update each, the reward itself and no baseline; its defects are not here.',
    settings: {
      rewards: 'lexicon + 0 * wink',
      topK: 30,
      groups: 32,
      groupSize: 1,
      maxTokens: 32,
      noEndPenalty: 0,
      updates: 100,
      advantage: 'none',
      normalisation: 'update-tokens',
      klBeta: 0.1,
      epochs: 1,
      minibatches: 1,
      learningRate: 3e-4,
      warmupUpdates: 0,
      finalLearningRateFraction: 1,
    },
  },
]
