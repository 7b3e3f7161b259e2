/** Sentiment by word list and rules: VADER. */
import type { RewardSource } from './reward-source'

export const lexicon = {
  title: 'Lexicon',
  doc: 'VADER’s compound score of the completion, from a list of words and some rules (Hutto & Gilbert 2014).',
  range: '−1 … 1',
  fields: {},
} as const satisfies RewardSource
