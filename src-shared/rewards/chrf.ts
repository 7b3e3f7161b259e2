/** What a completion has in common with its references: chrF. */
import type { RewardSource } from './reward-source'

export const chrf = {
  title: 'chrF',
  doc:
    'Rows of up to six characters that the completion and the best of its references share (Popović ' +
    '2015), as sacrebleu’s sentence_chrf.',
  range: '0 … 1',
  references: 'needed',
  fields: {},
} as const satisfies RewardSource
