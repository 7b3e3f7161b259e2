/** The reward models of a run, an input each: those whose number a reward names are needed, others unused. */
import { rewardModelInput } from '../rewards/reward-model'
import { needsCheckpoint } from '../rewards/terms'
import type { CheckpointInput } from './recipe'

const inputOf = (number: number): CheckpointInput => ({
  type: 'checkpoint',
  label: number === 1 ? 'Reward model' : `Reward model ${number}`,
  doc:
    number === 1
      ? 'Scores completions when the reward comes from a reward model.'
      : `Scores completions where a reward is reward-model(model=${number}).`,
  kind: 'reward-model',
  isMany: false,
  isRequired: false,
  neededWhen: ({ rewards = '' }) => needsCheckpoint(String(rewards), rewardModelInput(number)),
  whenMissing:
    number === 1
      ? 'Choose a reward model, or take the reward from the lexicon.'
      : `Choose a reward model, or take reward-model(model=${number}) out of the rewards.`,
})

export const rewardModelInputs = {
  rewardModel: inputOf(1),
  rewardModel2: inputOf(2),
  rewardModel3: inputOf(3),
  rewardModel4: inputOf(4),
} as const
