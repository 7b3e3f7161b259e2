/**
 * Sentiment by word list and rules: VADER's compound score, −1 … 1 (Hutto & Gilbert 2014), of the completion
 * itself.
 */
import vader from 'vader-sentiment'
import type { Reward } from './reward'

export const lexiconReward: Reward = async (texts) =>
  texts.map(({ completion }) => vader.SentimentIntensityAnalyzer.polarity_scores(completion).compound)
