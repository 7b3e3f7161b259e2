/** What a completion has in common with a reference: ROUGE. */
import { choice } from '../fields'
import type { RewardSource } from './reward-source'

export const rouge = {
  title: 'ROUGE',
  doc:
    'F₁ of what the completion and the best of its references share (Lin 2004), as rouge_score ' +
    'computes it.',
  range: '0 … 1',
  references: 'needed',
  fields: {
    kind: choice(['sequence', 'words', 'pairs'], {
      group: 'ROUGE',
      default: 'sequence',
      doc:
        'Sequence: the longest row of words in the same order, ROUGE-L. Words: ROUGE-1. Pairs of words: ' +
        'ROUGE-2.',
    }),
  },
} as const satisfies RewardSource
