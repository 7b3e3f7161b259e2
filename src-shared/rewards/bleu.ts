/** What a completion has in common with its references: BLEU. */
import type { RewardSource } from './reward-source'

export const bleu = {
  title: 'BLEU',
  doc:
    'Words and rows of up to four words that stand in a reference, with a penalty for brevity ' +
    '(Papineni et al. 2002), as sacrebleu’s sentence_bleu.',
  range: '0 … 1',
  references: 'needed',
  fields: {},
} as const satisfies RewardSource
