/** Whether a completion gives the right number. */
import { choice } from '../fields'
import type { RewardSource } from './reward-source'

export const numeric = {
  title: 'Numeric answer',
  doc:
    '1 when the completion answers with the reference’s number, else 0. Add a second one of weight 0 ' +
    'to see both ways of reading.',
  range: '0 or 1',
  references: 'needed',
  fields: {
    match: choice(['strict', 'lenient'], {
      group: 'Answer',
      default: 'strict',
      doc:
        'Strict: the number after the last ####, or in the last \\boxed{}, or else the whole completion. Lenient: ' +
        'the last number anywhere',
    }),
  },
} as const satisfies RewardSource
