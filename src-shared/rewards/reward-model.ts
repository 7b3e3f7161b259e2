/** A reward model that was trained here, or imported; a run can have several, each told by its number. */
import { integer } from '../fields'
import type { RewardSource } from './reward-source'

/** Reward models of one run: each is held in memory beside the policy. */
export const mostRewardModels = 4

const rewardModelFields = {
  model: integer({
    group: 'Reward model',
    default: 1,
    min: 1,
    max: mostRewardModels,
    doc:
      'Which of the run’s reward models scores: 1 is the one chosen as Reward model, 2 the one chosen as Reward ' +
      'model 2. The curve has the same number.',
  }),
} as const

/** The run's input that holds the reward model of this number: `rewardModel`, `rewardModel2`. */
export const rewardModelInput = (model: number): string =>
  model === 1 ? 'rewardModel' : `rewardModel${model}`

export const rewardModel = {
  title: 'Reward model',
  doc: 'The score of a trained reward model, read as it was trained to read (Ouyang et al. 2022).',
  range: 'any number',
  fields: rewardModelFields,
  checkpoint: 'reward-model',
} as const satisfies RewardSource
