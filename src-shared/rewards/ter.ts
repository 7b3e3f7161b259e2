/** How few edits make a completion its reference: TER, negated so that higher is better. */
import type { RewardSource } from './reward-source'

export const ter = {
  title: 'TER, negated',
  doc:
    'Minus the edits that make the completion the nearest reference, for each of its words; a row of words that ' +
    'moves is one edit (Snover et al. 2006), as sacrebleu counts them.',
  range: '0 for the reference itself, below for each edit',
  references: 'needed',
  fields: {},
} as const satisfies RewardSource
