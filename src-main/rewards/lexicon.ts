/**
 * Sentiment by word list and rules: VADER's compound score, −1 … 1 (Hutto & Gilbert 2014), of the completion
 * itself.
 */
import { lexicon } from '../../src-shared/rewards/lexicon'
import { rewardRow, type Reward } from './reward'
import { vaderCompound, vaderLexicon } from './vader'

export const lexiconReward: Reward = async (texts) => {
  const words = vaderLexicon()
  return texts.map(({ completion }) => vaderCompound(completion, words))
}

export const lexiconSource = rewardRow(lexicon, { open: () => lexiconReward })
