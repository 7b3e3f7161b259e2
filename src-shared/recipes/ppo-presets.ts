/** Ways of PPO that a program or a paper took. */
import type { Preset } from './recipe'

export const ppoPresets: readonly Preset[] = [
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
  {
    name: 'HappyGPT, as minRLHF trains it',
    doc: 'A hundred rollouts of 32, one update each, no whitening; the sampled KL. Its defects are not here.',
    settings: {
      rewards: 'lexicon + 0 * wink',
      topK: 30,
      completions: 32,
      maxTokens: 32,
      noEndPenalty: 0,
      updates: 100,
      klBeta: 0.1,
      klEstimator: 'sampled',
      valueClipRange: 0,
      whitenAdvantages: 'off',
      criticWarmup: 0,
      criticLearningRate: 3e-4,
      minibatches: 1,
      learningRate: 3e-4,
      warmupUpdates: 0,
      finalLearningRateFraction: 1,
    },
  },
  {
    name: 'NLPO (experimental)',
    doc: 'Draws within the nucleus of an older policy (Ramamurthy et al. 2023); its gain was not repeated by others.',
    settings: { maskTopP: 0.9, klEstimator: 'exact-drawn' },
  },
  {
    name: 'Summaries, 124M',
    doc:
      'minRLHF’s summaries: 50,000 prompts against a reward model that the critic starts from; −1 without an ' +
      'end.',
    settings: {
      topK: 30,
      completions: 64,
      maxTokens: 80,
      noEndPenalty: 1,
      withoutEnd: 'replaced',
      updates: 781,
      klBeta: 0.02,
      klEstimator: 'sampled',
      valueClipRange: 0,
      whitenAdvantages: 'off',
      criticFrom: 'reward-model',
      criticWarmup: 0,
      criticLearningRate: 3e-6,
      epochs: 2,
      minibatches: 8,
      learningRate: 3e-6,
      warmupUpdates: 50,
    },
  },
]
