/** A critic that starts from the reward model: whether it can, and as what. */
import { criticOf } from '../model/heads'
import type { LanguageModel, RewardModel } from '../model/model'
import { isSameVocabulary } from './same-vocabulary'
import { refuse } from './refuse'

type Read = Pick<LanguageModel, 'config' | 'tokenizer'>

/**
 * @param longest positions of the longest text there can be
 * @throws StudioFailure when it cannot read what the policy writes, token by token
 */
export function checkCritic(policy: Read, rewardModel: Read, longest: number): void {
  if (!isSameVocabulary(policy.tokenizer, rewardModel.tokenizer))
    refuse('criticFrom', 'cannot be the reward model: it has other tokens than the policy')
  const { contextTokens } = rewardModel.config
  if (longest > contextTokens)
    refuse(
      'criticFrom',
      `cannot be the reward model: it reads ${contextTokens} tokens, texts can have ${longest}`,
    )
}

/** @throws StudioFailure when there is no reward model, or its score is no plain number */
export function criticFromRewardModel(
  policy: LanguageModel,
  rewardModel: RewardModel | undefined,
): LanguageModel {
  if (!rewardModel) return refuse('rewardModel', 'is missing: the critic starts from it')
  checkCritic(policy, rewardModel, 0)
  const { bins, ensemble, steps, hasSegments } = rewardModel.head ?? {}
  if (bins || ensemble || steps || hasSegments)
    refuse(
      'criticFrom',
      'cannot be this reward model: its score is made of several, or it tells prompts apart',
    )
  return criticOf(rewardModel)
}
