/** A reward model that was trained here, or imported. */
import type { RewardSource } from './reward-source'

export const rewardModel = {
  title: 'Reward model',
  doc: 'The score of a trained reward model, read as it was trained to read (Ouyang et al. 2022).',
  range: 'any number',
  fields: {},
  checkpoint: 'reward-model',
} as const satisfies RewardSource
