/** Sentiment by another word list: wink-nlp. Watched beside a reward, it shows when that is gamed. */
import type { RewardSource } from './reward-source'

export const wink = {
  title: 'wink-nlp',
  doc: 'wink-nlp’s sentiment of the completion, from another list of words; it knows negation. A judge to watch.',
  range: '−1 … 1',
  fields: {},
} as const satisfies RewardSource
