/** What a completion has in common with a reference, word forms aside: METEOR. */
import type { RewardSource } from './reward-source'

export const meteor = {
  title: 'METEOR',
  doc:
    'Words and stems that the completion and the best of its references share, less where they stand in other order ' +
    '(Banerjee & Lavie 2005), as NLTK computes it without WordNet’s synonyms.',
  range: '0 … 1',
  references: 'needed',
  fields: {},
} as const satisfies RewardSource
