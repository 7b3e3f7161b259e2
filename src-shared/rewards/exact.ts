/** Whether a completion is the reference. */
import { choice } from '../fields'
import type { RewardSource } from './reward-source'

export const exact = {
  title: 'Exact match',
  doc:
    '1 when the completion is a reference answer of its prompt, else 0. Add a second one of weight 0 ' +
    'to see both ways of reading.',
  range: '0 or 1',
  references: 'needed',
  fields: {
    match: choice(['strict', 'lenient'], {
      group: 'Answer',
      default: 'strict',
      doc:
        'Strict: the same characters, but for spaces around them. Lenient: the same words, whatever their case, ' +
        'punctuation and articles (Rajpurkar et al. 2016, SQuAD)',
    }),
  },
} as const satisfies RewardSource
