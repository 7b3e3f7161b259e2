/** Sentiment by a list of words alone: AFINN. */
import type { RewardSource } from './reward-source'

export const afinn = {
  title: 'AFINN',
  doc:
    'The sum of AFINN-165’s valences, −5 to 5 each, of the words in the completion (Nielsen 2011). ' +
    'It knows no negation.',
  range: 'any whole number',
  fields: {},
} as const satisfies RewardSource
