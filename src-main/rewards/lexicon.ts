/**
 * Sentiment by word list and rules: VADER's compound score, −1 … 1 (Hutto & Gilbert 2014), of the completion
 * itself.
 */
import vader from 'vader-sentiment'
import { lexicon } from '../../src-shared/rewards/lexicon'
import { rewardRow, type Reward } from './reward'

export const lexiconReward: Reward = async (texts) =>
  texts.map(({ completion }) => vader.SentimentIntensityAnalyzer.polarity_scores(completion).compound)

export const lexiconSource = rewardRow(lexicon, { open: () => lexiconReward })
