/** A person who is asked while a run waits. */
import { choice, integer, text } from '../fields'
import type { RewardSource } from './reward-source'

/** Of a completion that is rated. */
export const highestRating = 5

export const person = {
  title: 'Person',
  doc:
    'What you say of each completion while the run waits, in the labelling room or the terminal. Rated: 1 to 5. ' +
    'Compared with another of the same prompt: 1 for the better, −1 for the worse, 0 for a tie.',
  range: '1 … 5, or −1 … 1',
  isAsked: true,
  fields: {
    how: choice(['rate', 'compare'], {
      group: 'Person',
      default: 'rate',
      doc:
        'Rate: each completion by itself, for PPO, GRPO and their kin. Compare: two of a prompt side by side, for ' +
        'online DPO, XPO and Nash-MD; it needs several completions of a prompt.',
    }),
    guidance: text({
      group: 'Person',
      default: '',
      doc: 'What to go by, shown to whoever is asked.',
    }),
    patience: integer({
      group: 'Person',
      default: 30,
      min: 1,
      max: 10_080,
      unit: 'minutes',
      doc: 'After so long without an answer the run saves and ends; what was answered is kept when it is resumed.',
    }),
  },
} as const satisfies RewardSource
