/** How much of a completion says again what it has said. */
import { integer } from '../fields'
import type { RewardSource } from './reward-source'

export const repetition = {
  title: 'Repetition',
  doc: 'Minus the share of rows of words that stand in the completion before; 0 where nothing is repeated.',
  range: '−1 … 0',
  fields: {
    rowWords: integer({
      group: 'Repetition',
      default: 3,
      min: 1,
      max: 20,
      unit: 'words',
      doc: 'How many words must be the same in a row. Fewer find more.',
    }),
  },
} as const satisfies RewardSource
